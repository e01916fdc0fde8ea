// Parses a ratio's condition, such as `cards >= 10 and declined * 100 >= tried * 60`.
import type { RatioExpr } from "../plan.ts";

type State = { tokens: string[]; next: number; depth: number };
/** Thrown inside this file only. */
type Stop = { message: string };

const MAX_DEPTH = 50;
const COMPARES: Readonly<Record<string, "lt" | "lte" | "gt" | "gte" | "eq" | "neq">> = {
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
  "==": "eq",
  "!=": "neq",
};

/** The expression, which is a condition (not a bare number), or what is wrong with it. */
export function parseRatio(text: string): RatioExpr | string {
  const pieces =
    text.match(/\s+|[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?|<=|>=|==|!=|[-+*/()<>]|./gs) ?? [];
  const tokens = pieces.filter((piece) => piece.trim() !== "");
  const strange = tokens.find(
    (token) => !/^(?:[A-Za-z_]\w*|\d+(?:\.\d+)?|<=|>=|==|!=|[-+*/()<>])$/.test(token),
  );
  if (strange !== undefined) return `The condition holds "${strange}", which means nothing there.`;
  const state: State = { tokens, next: 0, depth: 0 };
  try {
    const expr = parseOr(state);
    const rest = tokens[state.next];
    if (rest !== undefined) stop(`The condition goes on with "${rest}" where it should end.`);
    if (!isCondition(expr)) stop("The condition must compare something, such as cards >= 10.");
    return expr;
  } catch (error) {
    if (error instanceof Error) throw error;
    return (error as Stop).message;
  }
}

function stop(message: string): never {
  throw { message } satisfies Stop;
}

const NUMERIC = ["number", "name", "+", "-", "*", "/"];
const isCondition = (expr: RatioExpr) => !NUMERIC.includes(expr.kind);

function take(state: State, ...words: string[]): string | undefined {
  const token = state.tokens[state.next];
  if (token === undefined || !words.includes(token)) return undefined;
  state.next += 1;
  return token;
}

function parseOr(state: State): RatioExpr {
  let left = parseAnd(state);
  while (take(state, "or")) left = joined("or", left, parseAnd(state));
  return left;
}

function parseAnd(state: State): RatioExpr {
  let left = parseNot(state);
  while (take(state, "and")) left = joined("and", left, parseNot(state));
  return left;
}

function joined(kind: "and" | "or", left: RatioExpr, right: RatioExpr): RatioExpr {
  if (!isCondition(left) || !isCondition(right)) stop(`"${kind}" joins comparisons.`);
  return { kind, left, right };
}

function parseNot(state: State): RatioExpr {
  if (!take(state, "not")) return parseCompare(state);
  deeper(state);
  const of = parseNot(state);
  state.depth -= 1;
  if (!isCondition(of)) stop(`"not" stands before a comparison.`);
  return { kind: "not", of };
}

function parseCompare(state: State): RatioExpr {
  const left = parseSum(state);
  const sign = take(state, ...Object.keys(COMPARES));
  if (sign === undefined) return left;
  const right = parseSum(state);
  if (isCondition(left) || isCondition(right)) stop(`"${sign}" compares numbers.`);
  return { kind: COMPARES[sign] ?? "eq", left, right };
}

function parseSum(state: State): RatioExpr {
  let left = parseProduct(state);
  for (;;) {
    const sign = take(state, "+", "-");
    if (sign === undefined) return left;
    left = { kind: sign as "+", left, right: parseProduct(state) };
  }
}

function parseProduct(state: State): RatioExpr {
  let left = parsePrimary(state);
  for (;;) {
    const sign = take(state, "*", "/");
    if (sign === undefined) return left;
    left = { kind: sign as "*", left, right: parsePrimary(state) };
  }
}

function parsePrimary(state: State): RatioExpr {
  if (take(state, "(")) {
    deeper(state);
    const inner = parseOr(state);
    if (!take(state, ")")) stop(`A "(" in the condition is never closed.`);
    state.depth -= 1;
    return inner;
  }
  const token = state.tokens[state.next];
  if (token === undefined || !/^[\w.]+$/.test(token) || ["and", "or", "not"].includes(token)) {
    stop(
      `The condition lacks a number or name before ${token === undefined ? "its end" : `"${token}"`}.`,
    );
  }
  state.next += 1;
  return /^\d/.test(token)
    ? { kind: "number", value: Number(token) }
    : { kind: "name", name: token };
}

function deeper(state: State): void {
  state.depth += 1;
  if (state.depth > MAX_DEPTH) stop("The condition is nested too deeply.");
}

/** Every name that the expression reads, in the order in which they stand. */
export function ratioNames(expr: RatioExpr): string[] {
  if (expr.kind === "name") return [expr.name];
  if (expr.kind === "number") return [];
  if (expr.kind === "not") return ratioNames(expr.of);
  return [...ratioNames(expr.left), ...ratioNames(expr.right)];
}
