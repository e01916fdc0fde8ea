// What an event must hold for a rule to match at all: a few literals of which at least one is there.
import type { Expr, GlobPart, Test } from "../plan.ts";

/** Any text value of the event. */
export const ANY_FIELD = "*";

/** Folded text that a field's value is (`is`) or holds (`in`). Numbers as canonical decimal text. */
export type Literal = { field: string; how: "is" | "in"; text: string };

/** Folds a text for the index. RE2 takes "ſ" for "s" under (?i), so here they are one; the rules themselves decide after. */
export function foldForIndex(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes("\u017f") ? lower.replaceAll("\u017f", "s") : lower;
}

/** What choosing a literal costs: about how often an event holds it. Only the order matters. */
export type Cost = (literal: Literal) => number;

/** At least one of the literals is in every event that meets the expression; undefined: nothing is known. */
export function neededLiterals(expr: Expr, cost: Cost = frequency): readonly Literal[] | undefined {
  switch (expr.kind) {
    case "leaf":
      return ofLeaf(expr.field, expr.test, cost);
    case "keyword":
      return ofGlob(ANY_FIELD, expr.glob, cost);
    case "not":
      return undefined;
    case "and":
      return cheapest(
        expr.of.map((part) => neededLiterals(part, cost)),
        cost,
      );
    case "or":
      return all(expr.of.map((part) => neededLiterals(part, cost)));
  }
}

/** Every literal that some choice could fall on, with repeats. */
export function possibleLiterals(expr: Expr): Literal[] {
  if (expr.kind === "leaf") return [...(ofLeaf(expr.field, expr.test, frequency) ?? [])];
  if (expr.kind === "keyword") return [...(ofGlob(ANY_FIELD, expr.glob, frequency) ?? [])];
  return expr.kind === "not" ? [] : expr.of.flatMap(possibleLiterals);
}

const MOST_LITERALS = 2000;

function all(parts: readonly (readonly Literal[] | undefined)[]): readonly Literal[] | undefined {
  const literals: Literal[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    literals.push(...part);
  }
  return literals.length <= MOST_LITERALS ? literals : undefined;
}

function cheapest(
  parts: readonly (readonly Literal[] | undefined)[],
  cost: Cost,
): readonly Literal[] | undefined {
  let best: readonly Literal[] | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    if (part === undefined) continue;
    const sum = part.reduce((total, literal) => total + cost(literal), 0);
    if (sum < least) {
      best = part;
      least = sum;
    }
  }
  return best;
}

function ofLeaf(field: string, test: Test, cost: Cost): readonly Literal[] | undefined {
  if (test.op === "is" && typeof test.value !== "boolean") {
    return [{ field, how: "is", text: foldForIndex(String(test.value)) }];
  }
  if (test.op === "like") return ofGlob(field, test.glob, cost);
  if (test.op === "re") return ofRegex(field, test.source);
  return undefined;
}

function ofGlob(
  field: string,
  glob: readonly GlobPart[],
  cost: Cost,
): readonly Literal[] | undefined {
  let best: Literal | undefined;
  for (const part of glob) {
    if (typeof part !== "string") continue;
    const literal: Literal = { field, how: "in", text: foldForIndex(part) };
    if (best === undefined || cost(literal) < cost(best)) best = literal;
  }
  return best === undefined ? undefined : [best];
}

/** The longest run of plain characters that every match holds; three at least. Folded, since (?i) may stand anywhere. */
function ofRegex(field: string, source: string): readonly Literal[] | undefined {
  const text = requiredRun(source.replace(/^\(\?i\)/, ""));
  return text === undefined || !/^[\x20-\x7e]+$/.test(text)
    ? undefined
    : [{ field, how: "in", text: foldForIndex(text) }];
}

function requiredRun(source: string): string | undefined {
  let longest = "";
  let run = "";
  for (let at = 0; at < source.length; ) {
    // Alternatives at the top mean that no run is needed.
    if (source[at] === "|") return undefined;
    const piece = pieceAt(source, at);
    run += piece.text;
    if (run.length > longest.length) longest = run;
    if (piece.ends) run = "";
    at = piece.next;
  }
  return longest.length >= 3 ? longest : undefined;
}

/** One character, class, group or escape with its quantifier: what it surely adds to a run, and whether the run ends there. */
function pieceAt(source: string, at: number): { text: string; ends: boolean; next: number } {
  const char = source[at] ?? "";
  if (char === "(" || char === "[") {
    const close = char === "(" ? closeOfGroup(source, at) : closeOfClass(source, at);
    return { text: "", ends: true, next: afterQuantifier(source, close + 1).next };
  }
  const literal = literalAt(source, at);
  if (literal === undefined) {
    const length = char === "\\" ? escapeLength(source, at) : 1;
    return { text: "", ends: true, next: afterQuantifier(source, at + length).next };
  }
  const end = at + literal.length;
  const { next, least } = afterQuantifier(source, end);
  return { text: least > 0 ? literal.char : "", ends: next > end, next };
}

/** `\x{1F600}` and `\p{L}` are one escape. */
function escapeLength(source: string, at: number): number {
  return (
    /^\\(?:[xpP]\{[^}]*\}|x[0-9a-fA-F]{2}|[0-7]{1,3}|Q|E|.)/s.exec(source.slice(at))?.[0].length ??
    1
  );
}

function literalAt(source: string, at: number): { char: string; length: number } | undefined {
  const char = source[at] ?? "";
  if (char !== "\\") return /[.^$*+?{}()[\]|]/.test(char) ? undefined : { char, length: 1 };
  const next = source[at + 1] ?? "";
  return /[A-Za-z0-9]/.test(next) || next === "" ? undefined : { char: next, length: 2 };
}

/** Where a piece ends with its quantifier, and how often it is there at least. */
function afterQuantifier(source: string, at: number): { next: number; least: number } {
  const quantifier = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(source.slice(at));
  if (quantifier === null) return { next: at, least: 1 };
  const sign = quantifier[0][0];
  const least = sign === "+" ? 1 : sign === "{" ? Number(quantifier[1]) : 0;
  return { next: at + quantifier[0].length, least };
}

function closeOfGroup(source: string, open: number): number {
  let depth = 0;
  for (let i = open; i < source.length; i += 1) {
    if (source[i] === "\\") i += 1;
    else if (source[i] === "[") i = closeOfClass(source, i);
    else if (source[i] === "(") depth += 1;
    else if (source[i] === ")") {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return source.length;
}

function closeOfClass(source: string, open: number): number {
  let i = open + 1;
  if (source[i] === "^") i += 1;
  if (source[i] === "]") i += 1;
  for (; i < source.length; i += 1) {
    if (source[i] === "\\") i += 1;
    else if (source.startsWith("[:", i)) i = Math.max(i, source.indexOf(":]", i) + 1);
    else if (source[i] === "]") return i;
  }
  return source.length;
}

/** Pieces that nearly every command line, path or key of a computer holds. */
const COMMON =
  /^(?:\.exe|\.dll|\\|\/|c:\\|:\\|\\windows\\.*|.*\\system32\\.*|hklm\\?|software\\?|https?(?::\/\/)?|\s+.?|.\s+)$/;

/** A guess at the share of events that hold a literal; only the order of guesses matters. */
export function frequency({ how, text }: Literal): number {
  if (how === "is") return text.length <= 5 && /^\d*$/.test(text) ? 0.05 : 0.005;
  if (text.length === 0) return 1;
  const byLength = 2 ** -Math.min(text.length, 12);
  return COMMON.test(text) ? 0.5 + byLength : byLength;
}
