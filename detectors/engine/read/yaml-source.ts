// Reads YAML documents with positions, so that every mistake can be told with its line and column.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  Scalar,
  visit,
} from "yaml";
import { didYouMean, type RuleFault } from "./fault.ts";
import type { Vocabulary } from "./vocabulary.ts";

const MAX_BYTES = 1_048_576;
const MAX_NESTING = 30;
const TOO_DEEP = `The document is nested too deeply (at most ${MAX_NESTING} levels are read).`;

/** A file being read: mistakes gather in `faults`; `fault(node, …)` adds one at that node. Likewise what is merely unwise. */
export type Source = {
  file: string;
  vocabulary: Vocabulary;
  faults: RuleFault[];
  advice: RuleFault[];
  fault(node: unknown, message: string): void;
  advise(node: unknown, message: string): void;
};

export type Entry = { key: string; keyNode: unknown; value: unknown };

/** Documents of a YAML 1.2 file (core schema). Aliases, duplicate keys and files over 1 MiB are faults. */
export function readDocuments(
  file: { path: string; text: string },
  vocabulary: Vocabulary,
): { source: Source; documents: unknown[] } {
  const lines = new LineCounter();
  const faults: RuleFault[] = [];
  const advice: RuleFault[] = [];
  const tell = (list: RuleFault[], offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    list.push({ file: file.path, line: Math.max(line, 1), column: Math.max(col, 1), message });
  };
  const add = (offset: number, message: string) => tell(faults, offset, message);
  const source: Source = {
    file: file.path,
    vocabulary,
    faults,
    advice,
    fault: (node, message) => add(offsetOf(node), message),
    advise: (node, message) => tell(advice, offsetOf(node), message),
  };
  if (file.text.length > MAX_BYTES) {
    source.fault(null, "The file is over 1 MiB. Split it: one detection a file.");
    return { source, documents: [] };
  }
  const documents: unknown[] = [];
  for (const document of parseYaml(file.text, lines, add)) {
    addErrors(document, add);
    if (document.errors.length === 0 && document.contents !== null) {
      if (!spoiled(source, document)) documents.push(document.contents);
    }
  }
  return { source, documents };
}

const MOST_ERRORS = 5;

/** The first few: one unclosed bracket can end every line after it. */
function addErrors({ errors }: Yaml, add: (offset: number, message: string) => void): void {
  // The parser descends by recursion and tells of its stack's end as of any error.
  const deep = errors.find(({ message }) => message.includes("call stack"));
  if (deep !== undefined) add(deep.pos[0], TOO_DEEP);
  else for (const error of errors.slice(0, MOST_ERRORS)) add(error.pos[0], `${error.message}.`);
}

type Yaml = ReturnType<typeof parseAllDocuments>[number];

function parseYaml(
  text: string,
  lineCounter: LineCounter,
  add: (offset: number, message: string) => void,
): Yaml[] {
  try {
    const parsed = parseAllDocuments(text, {
      version: "1.2",
      schema: "core",
      lineCounter,
      prettyErrors: false,
      uniqueKeys: true,
    });
    return "empty" in parsed ? [] : [...parsed];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    add(0, TOO_DEEP);
    return [];
  }
}

/** Aliases (a few lines can mean gigabytes) and deep nesting, which no rule needs. */
function spoiled(source: Source, document: Yaml): boolean {
  let wrong = false;
  const fault = (node: unknown, message: string) => {
    wrong = true;
    source.fault(node, message);
  };
  visit(document, {
    Alias: (_, node) => fault(node, "YAML aliases are not read; write the value out."),
    Collection: (_, node, path) => {
      if (path.length <= MAX_NESTING * 2) return undefined;
      fault(node, TOO_DEEP);
      return visit.BREAK;
    },
  });
  return wrong;
}

function offsetOf(node: unknown): number {
  const range = (node as Node | null | undefined)?.range;
  return range?.[0] ?? 0;
}

/** `{a}` has a key and no value node: a null that stands where the key does. */
function nothingAt(key: Scalar): Scalar {
  const nothing = new Scalar(null);
  nothing.range = key.range;
  return nothing;
}

/** The entries of a map, in order; a fault and nothing when it is none. */
export function entriesOf(source: Source, node: unknown, what: string): Entry[] {
  if (!isMap(node)) {
    source.fault(node, `${what} must be a map of keys and values.`);
    return [];
  }
  const entries: Entry[] = [];
  for (const pair of node.items) {
    if (isScalar(pair.key) && typeof pair.key.value === "string") {
      const value = pair.value ?? nothingAt(pair.key);
      entries.push({ key: pair.key.value, keyNode: pair.key, value });
    } else {
      source.fault(pair.key ?? node, `A key of ${what} must be text; put it in quotes.`);
    }
  }
  return entries;
}

/** The entries of a map whose keys are known; every other key is a fault. */
export function keysOf(
  source: Source,
  node: unknown,
  known: readonly string[],
  what: string,
): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { key, keyNode, value } of entriesOf(source, node, what)) {
    if (known.includes(key)) found.set(key, value);
    else source.fault(keyNode, `${what} has no key "${key}".${didYouMean(key, known)}`);
  }
  return found;
}

/** A plain value. YAML null gives null; a map or list is a fault and gives undefined. */
export function scalarOf(
  source: Source,
  node: unknown,
  what: string,
): string | number | boolean | null | undefined {
  if (node === null) return null;
  if (isScalar(node)) {
    const value = node.value;
    // A whole number that JavaScript cannot hold stays the text that its author wrote.
    if (
      typeof value === "number" &&
      !Number.isSafeInteger(value) &&
      /^[-+]?\d+$/.test(node.source ?? "")
    ) {
      return node.source;
    }
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) {
      return value as string | number | boolean | null;
    }
  }
  if (!isAlias(node)) source.fault(node, `${what} must be a single value.`);
  return undefined;
}

export function textOf(source: Source, node: unknown, what: string): string {
  const value = scalarOf(source, node, what);
  if (typeof value === "string" && value.trim() !== "") return value;
  if (value !== undefined) source.fault(node, `${what} must be text (use quotes).`);
  return "";
}

/** A whole number of at least `least`. */
export function wholeOf(source: Source, node: unknown, what: string, least = 0): number {
  const value = scalarOf(source, node, what);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  if (value !== undefined) source.fault(node, `${what} must be a whole number from ${least}.`);
  return least;
}

export function itemsOf(source: Source, node: unknown, what: string): unknown[] {
  if (isSeq(node)) {
    if (node.items.length === 0) source.fault(node, `${what} is an empty list.`);
    return node.items;
  }
  source.fault(node, `${what} must be a list.`);
  return [];
}

export function textsOf(source: Source, node: unknown, what: string): string[] {
  return itemsOf(source, node, what).map((item) => textOf(source, item, `An entry of ${what}`));
}

/** One of a few words. */
export function wordOf<W extends string>(
  source: Source,
  node: unknown,
  words: readonly W[],
  what: string,
): W | undefined {
  const value = scalarOf(source, node, what);
  const word = words.find((candidate) => candidate === value);
  if (word === undefined && value !== undefined) {
    const hint = typeof value === "string" ? didYouMean(value, words) : "";
    source.fault(node, `${what} must be one of ${words.join(", ")}.${hint}`);
  }
  return word;
}

export { isMap, isScalar, isSeq };
