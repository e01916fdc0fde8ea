// Parses a Sigma condition such as `selection and not 1 of filter_*` into an expression over named selections.

export type Condition =
  | { kind: "name"; name: string }
  | { kind: "of"; quantity: "any" | "all"; pattern: string }
  | { kind: "and" | "or"; of: Condition[] }
  | { kind: "not"; of: Condition };

type Token = { text: string; at: number };
/** Thrown inside this file only; `parseCondition` turns it into a value. */
type Stop = { message: string };

const MAX_DEPTH = 50;

/** Parses a condition. Out: the tree, or what is wrong and how to mend it. */
export function parseCondition(
  text: string,
): { ok: true; condition: Condition } | { ok: false; message: string } {
  const tokens = tokenize(text);
  if (typeof tokens === "string") return { ok: false, message: tokens };
  const state = { tokens, next: 0, depth: 0 };
  try {
    const condition = parseOr(state);
    const rest = state.tokens[state.next];
    if (rest !== undefined) {
      stop(`The condition goes on with "${rest.text}" where "and", "or" or the end should be.`);
    }
    return { ok: true, condition };
  } catch (error) {
    if (error instanceof Error) throw error;
    return { ok: false, message: (error as Stop).message };
  }
}

type State = { tokens: Token[]; next: number; depth: number };

function stop(message: string): never {
  throw { message } satisfies Stop;
}

function tokenize(text: string): Token[] | string {
  const tokens: Token[] = [];
  const pattern = /\s+|[()]|[A-Za-z0-9_*-]+/y;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) return unreadable(text, at);
    if (match[0].trim() !== "") tokens.push({ text: match[0], at });
  }
  if (tokens.length === 0) return "The condition is empty.";
  if (tokens.some((token) => token.text.toLowerCase() === "near")) {
    return `"near" was dropped from Sigma; write a temporal correlation.`;
  }
  return tokens;
}

function unreadable(text: string, at: number): string {
  if (text[at] === "|") {
    return `"|" in a condition (the old aggregation) is not Sigma 2; write a correlation document.`;
  }
  return `The condition holds "${text[at]}", which means nothing there.`;
}

/** Operators are lower case; upper case is read too. */
function word(state: State): string {
  const text = state.tokens[state.next]?.text ?? "";
  return /^(AND|OR|NOT|OF|ANY|ALL|THEM)$/.test(text) ? text.toLowerCase() : text;
}

function parseOr(state: State): Condition {
  return parseChain(state, "or", parseAnd);
}

function parseAnd(state: State): Condition {
  return parseChain(state, "and", parseNot);
}

function parseChain(
  state: State,
  operator: "and" | "or",
  part: (state: State) => Condition,
): Condition {
  const of = [part(state)];
  while (word(state) === operator) {
    state.next += 1;
    of.push(part(state));
  }
  return of.length === 1 && of[0] !== undefined ? of[0] : { kind: operator, of };
}

function parseNot(state: State): Condition {
  if (word(state) !== "not") return parsePrimary(state);
  state.next += 1;
  state.depth += 1;
  if (state.depth > MAX_DEPTH) stop("The condition is nested too deeply.");
  const of = parseNot(state);
  state.depth -= 1;
  return { kind: "not", of };
}

const RESERVED = ["and", "or", "not", "of", ")", ""];

function parsePrimary(state: State): Condition {
  const token = state.tokens[state.next]?.text ?? "";
  const lower = word(state);
  if (RESERVED.includes(lower)) {
    stop(`The condition lacks a selection before ${token === "" ? "its end" : `"${token}"`}.`);
  }
  state.next += 1;
  if (token === "(") return parseGroup(state);
  if (word(state) === "of" && ["1", "any", "all"].includes(lower)) return parseOf(state, lower);
  if (token.includes("*")) stop(`"${token}" is a pattern; write "1 of ${token}" or "all of …".`);
  return { kind: "name", name: token };
}

function parseGroup(state: State): Condition {
  state.depth += 1;
  if (state.depth > MAX_DEPTH) stop("The condition is nested too deeply.");
  const inner = parseOr(state);
  if (state.tokens[state.next]?.text !== ")") stop(`A "(" in the condition is never closed.`);
  state.next += 1;
  state.depth -= 1;
  return inner;
}

function parseOf(state: State, quantity: string): Condition {
  state.next += 1;
  const token = state.tokens[state.next]?.text ?? "";
  const lower = word(state);
  if (lower !== "them" && !/^[A-Za-z0-9_*-]+$/.test(token)) {
    stop(`"${quantity} of" needs "them" or a pattern such as selection_*.`);
  }
  state.next += 1;
  return {
    kind: "of",
    quantity: quantity === "all" ? "all" : "any",
    pattern: lower === "them" ? "*" : token,
  };
}

/** The names that a pattern of `1 of …` means; names that begin with `_` are skipped. */
export function namesMeant(pattern: string, names: Iterable<string>): string[] {
  const source = pattern.split("*").map((part) => part.replaceAll("-", "\\-"));
  const fits = new RegExp(`^${source.join(".*")}$`);
  return [...names].filter((name) => !name.startsWith("_") && fits.test(name));
}
