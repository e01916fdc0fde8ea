// Finds which of many texts stand in a value, in one pass over it (Aho and Corasick, 1975), or at its start or end.
//
// Only a sieve: it may report a text that is not there, never miss one. So it folds case on the fly instead of making
// a lower-case copy, and takes all characters beyond ASCII for one. Three of those become or equal ASCII letters when
// case is ignored (İ, the Kelvin sign, the long s); a value that has one is looked at again, folded.

const OTHER = 0;
const BEYOND = 1;
const ODD = /[\u0130\u212a\u017f]/;
/** Longer texts are told apart well enough by their end. */
const MOST_CHARS = 12;

export type Report = (owners: Int32Array) => void;
export type TextIndex = (value: string, report: Report) => void;

/** `texts`: lower-case text and who wants to hear of it. Undefined when there are none. */
export function indexTexts(
  texts: ReadonlyMap<string, readonly number[]>,
  where: "in" | "start" | "end",
): TextIndex | undefined {
  if (texts.size === 0) return undefined;
  const automaton = build(texts, where);
  const scan = { in: scanAll, start: scanStart, end: scanEnd }[where];
  return (value, report) => {
    if (!scan(automaton, value, report)) return;
    const folded = value.toLowerCase();
    scan(automaton, folded, report);
    scan(automaton, folded.replaceAll("\u017f", "s"), report);
  };
}

/** `next` is one row of `width` per state. 0 is the root and, at a start or end, nowhere. `ends`: which states have owners. */
type Automaton = {
  classes: Uint8Array;
  width: number;
  next: Int32Array;
  ends: Uint8Array;
  owners: readonly (Int32Array | undefined)[];
};

function build(
  texts: ReadonlyMap<string, readonly number[]>,
  where: "in" | "start" | "end",
): Automaton {
  const classes = new Uint8Array(128);
  let width = 2;
  for (const text of texts.keys()) {
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code >= 128 || classes[code] !== OTHER) continue;
      classes[code] = width;
      width += 1;
    }
  }
  for (let code = 65; code <= 90; code += 1) classes[code] = classes[code + 32] ?? OTHER;
  const nodes = buildTrie(texts, where, classes);
  if (where === "in") return complete(nodes, { classes, width });
  const next = new Int32Array(nodes.length * width);
  for (const [state, { children }] of nodes.entries()) {
    for (const [key, child] of children) next[state * width + key] = child;
  }
  return { classes, width, next, ...endsOf(nodes) };
}

type TrieNode = { children: Map<number, number>; owners: Set<number> };

function buildTrie(
  texts: ReadonlyMap<string, readonly number[]>,
  where: "in" | "start" | "end",
  classes: Uint8Array,
): TrieNode[] {
  const nodes = [newNode()];
  const keyOf = (code: number) => (code < 128 ? (classes[code] ?? OTHER) : BEYOND);
  for (const [text, owners] of texts) {
    const shown = where === "start" ? text.slice(0, MOST_CHARS) : text.slice(-MOST_CHARS);
    const keys = Array.from({ length: shown.length }, (_, i) => keyOf(shown.charCodeAt(i)));
    const node = insert(nodes, where === "end" ? keys.reverse() : keys);
    for (const owner of owners) node.owners.add(owner);
  }
  return nodes;
}

const newNode = (): TrieNode => ({ children: new Map(), owners: new Set() });

/** The node to which the keys lead from the root, made where it is not there yet. */
function insert(nodes: TrieNode[], keys: readonly number[]): TrieNode {
  let node = nodes[0] as TrieNode;
  for (const key of keys) {
    let child = node.children.get(key);
    if (child === undefined) {
      child = nodes.push(newNode()) - 1;
      node.children.set(key, child);
    }
    node = nodes[child] as TrieNode;
  }
  return node;
}

function endsOf(nodes: readonly TrieNode[]): Pick<Automaton, "ends" | "owners"> {
  return {
    ends: Uint8Array.from(nodes, ({ owners }) => (owners.size === 0 ? 0 : 1)),
    owners: nodes.map(({ owners }) => (owners.size === 0 ? undefined : Int32Array.from(owners))),
  };
}

/** Every step from every state, breadth first: where a text breaks off, the longest ending of it that begins another goes on. */
function complete(
  nodes: readonly TrieNode[],
  of: { classes: Uint8Array; width: number },
): Automaton {
  const { width } = of;
  const next = new Int32Array(nodes.length * width);
  const back = new Int32Array(nodes.length);
  const queue = [0];
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head] as number;
    const { children, owners } = nodes[state] as TrieNode;
    const behind = back[state] as number;
    for (const owner of nodes[behind]?.owners ?? []) owners.add(owner);
    if (state !== 0) next.copyWithin(state * width, behind * width, (behind + 1) * width);
    for (const [key, child] of children) {
      if (state !== 0) back[child] = next[behind * width + key] as number;
      next[state * width + key] = child;
      queue.push(child);
    }
  }
  return { ...of, next, ...endsOf(nodes) };
}

/** All three: true when the value must be looked at again, folded. */
function scanAll(automaton: Automaton, value: string, report: Report): boolean {
  const { classes, next, ends, owners, width } = automaton;
  let state = 0;
  let beyond = false;
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code < 128) state = next[state * width + (classes[code] as number)] as number;
    else {
      beyond = true;
      state = next[state * width + BEYOND] as number;
    }
    if (ends[state] === 1) report(owners[state] as Int32Array);
  }
  return beyond && ODD.test(value);
}

function scanStart(automaton: Automaton, value: string, report: Report): boolean {
  walk(automaton, value, { from: 0, step: 1, report });
  return ODD.test(value);
}

function scanEnd(automaton: Automaton, value: string, report: Report): boolean {
  walk(automaton, value, { from: value.length - 1, step: -1, report });
  return ODD.test(value);
}

function walk(
  automaton: Automaton,
  value: string,
  at: { from: number; step: 1 | -1; report: Report },
): void {
  const { classes, next, ends, owners, width } = automaton;
  let state = 0;
  for (let i = at.from; i >= 0 && i < value.length; i += at.step) {
    const code = value.charCodeAt(i);
    state = next[state * width + (code < 128 ? (classes[code] as number) : BEYOND)] as number;
    if (state === 0) return;
    if (ends[state] === 1) at.report(owners[state] as Int32Array);
  }
}
