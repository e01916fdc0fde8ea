// Conditions of if and while steps: a STIX 2.1 comparison, parsed before anything runs, so that a mistake is told early.
import { isVariableName, isVariableUse } from "./formats.ts";

const OPERATORS = [
  "=",
  "!=",
  ">",
  "<",
  ">=",
  "<=",
  "IN",
  "LIKE",
  "MATCHES",
  "ISSUBSET",
  "ISSUPERSET",
] as const;
type Operator = (typeof OPERATORS)[number];

/** `values` holds one constant, or several after IN. All are texts: the variable's type says how they compare. */
export type Condition =
  | { kind: "compare"; variable: string; operator: Operator; negated: boolean; values: string[] }
  | { kind: "not"; of: Condition }
  | { kind: "and" | "or"; of: Condition[] };

export type ParsedCondition = { ok: true; condition: Condition } | { ok: false; message: string };

class Wrong extends Error {}

type Token = { kind: "word" | "constant" | "sign"; text: string };
type Tokens = { list: Token[]; next: number; depth: number };

const MAX_CHARS = 10_000;
const MAX_NESTING = 50;
const REFUSED = ["FOLLOWEDBY", "WITHIN", "REPEATS", "START", "STOP"];

/** In: the text of a condition. Out: its tree, or a message with the fault and the remedy. */
export function parseCondition(text: string): ParsedCondition {
  try {
    if (text.length > MAX_CHARS) throw new Wrong("The condition is too long. Split it over steps.");
    const tokens = { list: tokenize(text), next: 0, depth: 0 };
    const condition = either(tokens);
    const rest = tokens.list[tokens.next];
    if (rest !== undefined)
      throw new Wrong(
        `"${rest.text}" is left over. Join comparisons with AND or OR; put texts in single quotes.`,
      );
    return { ok: true, condition };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, message: error.message };
    throw error;
  }
}

// A quoted text (with h, b, t before it for hex, base64 and time), a sign, or a bare word.
const TOKEN = /\s*(?:([hbt]?)'((?:[^'\\]|\\.)*)'|(!=|>=|<=|=|>|<|\(|\)|,)|([^\s'()=!<>,]+))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null)
      throw new Wrong(
        `${JSON.stringify(text.slice(from).trim().slice(0, 40))} cannot be read. Close quotes and use the signs = != > < >= <=.`,
      );
    const [, , quoted, sign, word] = match;
    if (quoted !== undefined)
      tokens.push({ kind: "constant", text: quoted.replace(/\\(.)/gs, "$1") });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else tokens.push({ kind: "word", text: word ?? "" });
  }
  if (tokens.length === 0)
    throw new Wrong("The condition is empty. Write such as __count__:value > 3.");
  return tokens;
}

const isWord = (token: Token | undefined, word: string) =>
  token?.kind === "word" && token.text === word;
const isSign = (token: Token | undefined, sign: string) =>
  token?.kind === "sign" && token.text === sign;

function take(tokens: Tokens): Token {
  const token = tokens.list[tokens.next];
  if (token === undefined)
    throw new Wrong("The condition ends too early. Write variable, operator and constant.");
  if (token.kind === "word" && REFUSED.includes(token.text))
    throw new Wrong(
      `${token.text} needs several observations and is not taken here. Compare variables only.`,
    );
  tokens.next += 1;
  return token;
}

const either = (tokens: Tokens): Condition => chain(tokens, "or", both);
const both = (tokens: Tokens): Condition => chain(tokens, "and", unary);

function chain(tokens: Tokens, kind: "and" | "or", part: (tokens: Tokens) => Condition): Condition {
  const of = [part(tokens)];
  while (isWord(tokens.list[tokens.next], kind.toUpperCase())) {
    tokens.next += 1;
    of.push(part(tokens));
  }
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind, of };
}

function unary(tokens: Tokens): Condition {
  tokens.depth += 1;
  if (tokens.depth > MAX_NESTING)
    throw new Wrong("The brackets are nested too deeply. Split the condition.");
  const condition = unaryInside(tokens);
  tokens.depth -= 1;
  return condition;
}

function unaryInside(tokens: Tokens): Condition {
  const first = tokens.list[tokens.next];
  if (isWord(first, "NOT")) {
    tokens.next += 1;
    return { kind: "not", of: unary(tokens) };
  }
  if (!isSign(first, "(")) return comparison(tokens);
  tokens.next += 1;
  const inner = either(tokens);
  if (!isSign(take(tokens), ")"))
    throw new Wrong("A bracket is not closed. Add ) behind the comparison.");
  return inner;
}

function comparison(tokens: Tokens): Condition {
  const left = take(tokens);
  if (left.kind !== "word" || !isVariableUse(left.text))
    throw new Wrong(
      `"${left.text}" stands where a variable must be. Write such as __count__:value.`,
    );
  const negated = isWord(tokens.list[tokens.next], "NOT");
  if (negated) tokens.next += 1;
  const { kind, text } = take(tokens);
  const operator = OPERATORS.find((known) => known === text);
  if (operator === undefined || kind === "constant")
    throw new Wrong(`"${text}" is no operator. Use one of ${OPERATORS.join(" ")}.`);
  const values = operator === "IN" ? members(tokens) : [constant(tokens)];
  if (operator === "MATCHES") mustCompile(values[0] ?? "");
  return {
    kind: "compare",
    variable: left.text.slice(0, -":value".length),
    operator,
    negated,
    values,
  };
}

function members(tokens: Tokens): string[] {
  if (!isSign(tokens.list[tokens.next], "(")) return [constant(tokens)];
  tokens.next += 1;
  const values = [constant(tokens)];
  for (;;) {
    const token = take(tokens);
    if (isSign(token, ")")) return values;
    if (!isSign(token, ","))
      throw new Wrong(
        `"${token.text}" stands in a list. Part its members by commas and close it by ).`,
      );
    values.push(constant(tokens));
  }
}

function constant(tokens: Tokens): string {
  const token = take(tokens);
  if (token.kind === "sign" || (token.kind === "word" && ["AND", "OR", "NOT"].includes(token.text)))
    throw new Wrong(
      `"${token.text}" stands where a constant must be. Write a number, or a text in single quotes.`,
    );
  if (token.kind === "word" && (isVariableUse(token.text) || isVariableName(token.text)))
    throw new Wrong(
      `"${token.text}" stands where a constant must be: variables stand on the left. Turn the comparison round, or quote it.`,
    );
  return token.text;
}

function mustCompile(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch {
    throw new Wrong(`"${pattern}" is no regular expression. Mend it.`);
  }
}
