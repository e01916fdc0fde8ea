// Which literal texts a regular expression cannot match without; they tell the rule index when it is worth trying.
import { regexTokens } from "../read/regex.ts";

const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??$/;
const SIGNS: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r" };

/** Texts of which every match holds at least one, in lower case; undefined when none are known. */
export function regexLiterals(source: string): readonly string[] | undefined {
  const tokens = regexTokens(source.replace(/^\(\?i\)/, ""));
  // Escapes that name a character by number or property are not worth reading here.
  if (tokens.some((token) => /^\\[^\WdDwWsSbBtnrAz_]/.test(token))) return undefined;
  const state = { tokens, next: 0 };
  const found = readAlternatives(state);
  return state.next === tokens.length ? found : undefined;
}

type State = { tokens: readonly string[]; next: number };

/** Up to a closing parenthesis or the end: each alternative must name a text, else none is known. */
function readAlternatives(state: State): readonly string[] | undefined {
  let any: string[] | undefined = [];
  for (;;) {
    const literals = readSequence(state);
    any = literals === undefined ? undefined : any?.concat(literals);
    if (state.tokens[state.next] !== "|") return any;
    state.next += 1;
  }
}

/** The best of what follows one another: the one whose shortest text is longest. */
function readSequence(state: State): readonly string[] | undefined {
  let best: readonly string[] | undefined;
  let run = "";
  const offer = (literals: readonly string[] | undefined) => {
    if (worth(literals) > worth(best)) best = literals;
  };
  while (!["|", ")", undefined].includes(state.tokens[state.next])) {
    const { text, group, needed, once } = readPiece(state);
    if (needed) run += text ?? "";
    if (text === undefined || !once) {
      offer([run.toLowerCase()]);
      run = "";
    }
    if (needed) offer(group);
  }
  offer([run.toLowerCase()]);
  return best;
}

type Atom = { text?: string; group?: readonly string[] };

/** An atom and how often it stands there: `needed`: at least once; `once`: just once. */
function readPiece(state: State): Atom & { needed: boolean; once: boolean } {
  const token = state.tokens[state.next] ?? "";
  state.next += 1;
  const atom = readAtom(state, token);
  const quantifier = state.tokens[state.next] ?? "";
  if (!QUANTIFIER.test(quantifier)) return { ...atom, needed: true, once: true };
  state.next += 1;
  return { ...atom, needed: /^(?:\+|\{[1-9])/.test(quantifier), once: false };
}

const worth = (literals: readonly string[] | undefined): number =>
  literals === undefined ? 0 : Math.min(...literals.map((text) => text.length));

/** One atom: its text when it stands for one text, what it holds when it is a group. */
function readAtom(state: State, token: string): Atom {
  if (token === "(" || token === "(?:") {
    const group = readAlternatives(state);
    state.next += 1;
    return group === undefined ? {} : { group };
  }
  if (token === "^" || token === "$" || /^\\[bBAz]$/.test(token)) return { text: "" };
  if (token === "." || /^\\[dDwWsS]$/.test(token)) return {};
  if (token.startsWith("[") && token.length > 1) return {};
  if (!token.startsWith("\\")) return { text: token };
  return { text: SIGNS[token.slice(1)] ?? token.slice(1) };
}
