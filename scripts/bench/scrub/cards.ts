// Card numbers as issuers make them, written as people and programs write them. A list of its own, not the scrubber's: it must find gaps there.
import type { Random } from "../../simulate/random.ts";

/** First and last prefix, lengths. Sources: ISO/IEC 7812 lists as published by the schemes; npm's credit-card-type for Elo, Hiper, Maestro. */
const SCHEMES: Readonly<Record<string, readonly [number, number, readonly number[]][]>> = {
  visa: [[4, 4, [16, 16, 16, 16, 19, 13]]],
  mastercard: [
    [51, 55, [16]],
    [2221, 2720, [16]],
  ],
  amex: [
    [34, 34, [15]],
    [37, 37, [15]],
  ],
  discover: [
    [6011, 6011, [16, 19]],
    [644, 649, [16]],
    [65, 65, [16]],
  ],
  diners: [
    [300, 305, [14, 16]],
    [36, 36, [14, 16]],
    [38, 39, [14, 16]],
  ],
  jcb: [[3528, 3589, [16, 16, 19]]],
  unionpay: [
    [62, 62, [16, 17, 18, 19]],
    [8100, 8171, [16, 19]],
  ],
  maestro: [
    [5018, 5018, [16, 18, 19]],
    [5020, 5020, [16, 18, 19]],
    [5600, 5899, [16, 18, 19]],
    [6390, 6390, [16, 18, 19]],
    [6700, 6799, [16, 18, 19]],
  ],
  mir: [[2200, 2204, [16, 19]]],
  troy: [[9792, 9792, [16]]],
  rupay: [
    [5085, 5089, [16]],
    [606985, 608500, [16]],
    [8172, 8198, [16]],
  ],
  verve: [
    [506099, 506198, [16, 18, 19]],
    [507865, 507964, [16, 19]],
  ],
  elo: [
    [506699, 506778, [16]],
    [509000, 509999, [16]],
    [636297, 636297, [16]],
    [636368, 636368, [16]],
  ],
  hipercard: [
    [606282, 606282, [16]],
    [637095, 637095, [16]],
    [637612, 637612, [16]],
  ],
  napas: [[9704, 9704, [16, 19]]],
};
export const SCHEME_NAMES = Object.keys(SCHEMES);

export function makeCard(random: Random, scheme: string): string {
  const [first, last, lengths] = random.pick(SCHEMES[scheme] ?? []);
  const prefix = String(random.int(first, last));
  const body = prefix + random.digits(random.pick(lengths) - prefix.length - 1);
  for (let check = 0; check <= 9; check += 1) if (isLuhn(body + check)) return body + check;
  throw new Error("a check digit always exists");
}

/** By the book, digit by digit from the right; written apart from the scrubber's. */
export function isLuhn(digits: string): boolean {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const sum = [...digits]
    .reverse()
    .map(Number)
    .reduce((total, digit, nth) => total + (nth % 2 === 1 ? (doubled[digit] ?? 0) : digit), 0);
  return sum % 10 === 0;
}

/** As printed on the card. */
function printedGroups(card: string): string[] {
  if (card.length === 15) return [card.slice(0, 4), card.slice(4, 10), card.slice(10)];
  if (card.length === 14) return [card.slice(0, 4), card.slice(4, 10), card.slice(10)];
  return card.match(/.{1,4}/g) ?? [];
}

function randomGroups(random: Random, card: string): string[] {
  const groups: string[] = [];
  for (let at = 0; at < card.length; ) {
    const size = random.int(1, 6);
    groups.push(card.slice(at, at + size));
    at += size;
  }
  return groups;
}

const inScript = (zero: number) => (card: string) =>
  [...card].map((digit) => String.fromCodePoint(zero + Number(digit))).join("");

const joined = (separator: string) => (_: Random, card: string) =>
  printedGroups(card).join(separator);

/** Ways of writing one number. */
export const WRITINGS: Readonly<Record<string, (random: Random, card: string) => string>> = {
  "no separators": (_, card) => card,
  blanks: joined(" "),
  dashes: joined("-"),
  dots: joined("."),
  "no-break blanks": joined("\u00a0"),
  "thin blanks": joined("\u2009"),
  "zero-width blanks": joined("\u200b"),
  "printer's dashes": joined("\u2013"),
  tabs: joined("\t"),
  "line ends": joined("\r\n"),
  commas: joined(", "),
  slashes: joined("/"),
  underscores: joined("_"),
  "blank, dash, blank": joined(" - "),
  "URL blanks %20": joined("%20"),
  "URL blanks +": joined("+"),
  "URL dashes %2D": joined("%2D"),
  "HTML blanks &nbsp;": joined("&nbsp;"),
  "JSON escapes \\u00a0": joined("\\u00a0"),
  "JSON line ends \\n": joined("\\n"),
  "any groups, blanks": (random, card) => randomGroups(random, card).join(" "),
  "any groups, dashes": (random, card) => randomGroups(random, card).join("-"),
  "full-width digits": (_, card) => inScript(0xff10)(card),
  "Arabic-Indic digits": (_, card) => inScript(0x0660)(card),
};
