// What belongs to a card number and must rest nowhere at all: track data and security codes.
import { isCardNumber, maskCardNumber } from "./card-brands.ts";

export type CardDataKind = "pan" | "track" | "cvv";
/** `ends`: where the number may end, other than at `to`. */
export type CardHit = {
  from: number;
  to: number;
  mask: string;
  kind: CardDataKind;
  ends?: readonly number[];
};

/** Track 1 `%B<number>^NAME^<expiry…>?`; track 2 `;<number>=<expiry, service code, …>?`, with D for = in chip data. */
const TRACK_1 = /%?[Bb](\d(?: ?\d){12,18})\^[^^\r\n]{0,40}\^\d{3,}[^\s?"']{0,64}\??/g;
const TRACK_2 = /;?(?<!\d)(\d{13,19})[=Dd]\d{7}[0-9A-Fa-f]{0,30}\??/g;

export function findTracks(text: string): CardHit[] {
  const hits: CardHit[] = [];
  for (const pattern of [TRACK_1, TRACK_2]) {
    if (pattern === TRACK_1 ? !text.includes("^") : !/[=Dd]\d/.test(text)) continue;
    for (const match of text.matchAll(pattern)) {
      const digits = (match[1] as string).replaceAll(" ", "");
      if (pattern === TRACK_2 && !isCardNumber(digits)) continue;
      const mask = `[track data ${maskCardNumber(digits)}]`;
      hits.push({ from: match.index, to: match.index + match[0].length, mask, kind: "track" });
    }
  }
  return hits;
}

/** The name of a code, a word such as "is", and the code. */
const NAMED_CODE =
  /(?:cvv2?|cvc2?|cvn2?|csc|cid|cav2?|(?:card|security|verification)[\s_-]?(?:code|value|number)|prüf(?:ziffer|nummer|code)|cryptogramme|(?:code de s[eé]curit[eé]|c[oó]digo de seguridad|codice di sicurezza))(?:[^\p{L}\p{N}]{1,3}(?:is|was|ist|war|lautet|est|es|è))?[^\p{L}\p{N}]{0,6}(\d{3,4})(?!\d)/giu;
/** What people write behind a number: expiry and code, or the code alone behind a bar or slash. */
const CODE_BEHIND =
  /^[\s|,;:/]{1,3}(?:(?:exp\w*[\s:.]{0,2})?(?:0[1-9]|1[0-2])[\s|/-]{0,3}(?:20)?\d\d[\s|,;:/]{1,3}(\d{3,4})|[|/]?(\d{3}))(?!\d|[.,]\d)/i;
/** American Express has four digits. */
const CODE_BEHIND_AMEX = /^[\s|,;:/]{1,3}(\d{4})(?!\d|[.,/]\d)/;

/** Security codes: named ones anywhere in a text that holds a card number, nameless ones right behind it. */
export function findCodes(text: string, numbers: readonly CardHit[]): CardHit[] {
  const found: CardHit[] = [];
  for (const match of text.matchAll(NAMED_CODE)) found.push(codeHit(match, 0));
  for (const number of numbers) {
    const isAmex = /^3[47].{13}(?!\d)/.test(number.mask);
    for (const end of number.ends ?? [number.to]) {
      const behind = text.slice(end, end + 40);
      const match = CODE_BEHIND.exec(behind) ?? (isAmex ? CODE_BEHIND_AMEX.exec(behind) : null);
      if (match !== null) found.push(codeHit(match, end));
    }
  }
  const free = found.filter((code) => !numbers.some((n) => code.from < n.to && n.from < code.to));
  return free.filter((code, i) => free.findIndex((other) => other.from === code.from) === i);
}

function codeHit(match: RegExpExecArray, offset: number): CardHit {
  const code = match[1] ?? match[2] ?? "";
  const to = offset + match.index + match[0].length;
  return { from: to - code.length, to, mask: "*".repeat(code.length), kind: "cvv" };
}

const CODE_FIELD =
  /^(?:card_?)?(?:cvv2?|cvc2?|cvn2?|csc|cav2|cid|card_?code|security_?code|(?:card_?)?verification_?(?:code|value))$/i;

/** True for a field that by its name holds a security code and by its value may: it is masked without a number beside it. */
export function isSecurityCode(name: string, value: string): boolean {
  return /^\s*\d{3,4}\s*$/.test(value) && CODE_FIELD.test(name.replaceAll(/[\s-]/g, "_"));
}
