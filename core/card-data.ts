// Card numbers never rest anywhere: this finds and masks card numbers, track data and security codes in any text.

export type CardDataKind = "pan" | "track" | "cvv";

/** `text` with card data masked, and what was found. `found` empty: `text` is the very text that came. */
export type CardScan = { text: string; found: readonly CardDataKind[] };

const NOTHING: readonly CardDataKind[] = [];
const LEAST_DIGITS = 13;
const MOST_DIGITS = 19;
const MOST_SEPARATORS = 3;

type Group = { from: number; to: number; digits: string };
type Hit = { from: number; to: number; mask: string; kind: CardDataKind };

/** Issuer prefixes (first to last, compared on as many digits as they have) with the lengths that their scheme issues. */
const BRANDS: readonly { first: number; last: number; size: number; lengths: readonly number[] }[] =
  [
    { first: 4, last: 4, size: 1, lengths: [13, 16, 19] }, // Visa
    { first: 51, last: 55, size: 2, lengths: [16] }, // Mastercard
    { first: 2221, last: 2720, size: 4, lengths: [16] },
    { first: 34, last: 34, size: 2, lengths: [15] }, // American Express
    { first: 37, last: 37, size: 2, lengths: [15] },
    { first: 6011, last: 6011, size: 4, lengths: [16, 17, 18, 19] }, // Discover
    { first: 644, last: 649, size: 3, lengths: [16, 17, 18, 19] },
    { first: 65, last: 65, size: 2, lengths: [16, 17, 18, 19] },
    { first: 300, last: 305, size: 3, lengths: [14, 16] }, // Diners
    { first: 3095, last: 3095, size: 4, lengths: [14, 16] },
    { first: 36, last: 36, size: 2, lengths: [14, 16] },
    { first: 38, last: 39, size: 2, lengths: [14, 16] },
    { first: 3528, last: 3589, size: 4, lengths: [16, 17, 18, 19] }, // JCB
    { first: 62, last: 62, size: 2, lengths: [16, 17, 18, 19] }, // UnionPay
    { first: 2200, last: 2204, size: 4, lengths: [16, 17, 18, 19] }, // Mir
    { first: 9792, last: 9792, size: 4, lengths: [16] }, // Troy
    { first: 5018, last: 5020, size: 4, lengths: [13, 14, 15, 16, 17, 18, 19] }, // Maestro, Dankort
    { first: 5038, last: 5038, size: 4, lengths: [13, 14, 15, 16, 17, 18, 19] },
    { first: 5893, last: 5893, size: 4, lengths: [13, 14, 15, 16, 17, 18, 19] },
    { first: 6304, last: 6304, size: 4, lengths: [13, 14, 15, 16, 17, 18, 19] },
    { first: 6759, last: 6763, size: 4, lengths: [13, 14, 15, 16, 17, 18, 19] },
    { first: 506099, last: 506198, size: 6, lengths: [16, 18, 19] }, // Verve
    { first: 508, last: 508, size: 3, lengths: [16] }, // RuPay
    { first: 606985, last: 608510, size: 6, lengths: [16] },
  ];

/** True for 13-19 ASCII digits that pass the Luhn check and have a card scheme's prefix and length. */
export function isCardNumber(digits: string): boolean {
  if (digits.length < LEAST_DIGITS || digits.length > MOST_DIGITS) return false;
  return hasBrand(digits) && passesLuhn(digits);
}

/** First six and last four digits; the rest hidden. The most that the schemes' truncation rules let stand. */
function maskCardNumber(digits: string): string {
  return `${digits.slice(0, 6)}${"*".repeat(Math.max(0, digits.length - 10))}${digits.slice(-4)}`;
}

function hasBrand(digits: string): boolean {
  for (const { first, last, size, lengths } of BRANDS) {
    const prefix = Number(digits.slice(0, size));
    if (prefix >= first && prefix <= last && lengths.includes(digits.length)) return true;
  }
  return false;
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i -= 1, double = !double) {
    let digit = digits.charCodeAt(i) - 48;
    if (double) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return sum % 10 === 0;
}

/**
 * Masks card numbers, track data, and security codes beside a card number. Digits may be split by blanks (also
 * no-break and zero-width ones), dashes, dots and line breaks in any way, or by other marks in a card's usual groups.
 * Silent on UUIDs, long hex ids and numbers without a scheme's prefix. About 0.1 µs where there are few digits.
 */
export function maskCardData(text: string): CardScan {
  if (!hasEnoughDigits(text)) return { text, found: NOTHING };
  const tracks = findTracks(text);
  const numbers = findNumbers(text).filter(
    (hit) => !tracks.some((track) => hit.from < track.to && track.from < hit.to),
  );
  const hits = [...tracks, ...numbers];
  if (hits.length === 0) return { text, found: NOTHING };
  hits.push(...findCodes(text, hits));
  hits.sort((a, b) => a.from - b.from);
  return { text: replaceAll(text, hits), found: [...new Set(hits.map((hit) => hit.kind))] };
}

/** Quick look: only a run of 13 digits without a letter or a wide gap between them is worth a closer one. */
function hasEnoughDigits(text: string): boolean {
  if (text.length < LEAST_DIGITS) return false;
  let digits = 0;
  let gap = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if ((code >= 48 && code <= 57) || (code >= 0x0660 && digitAt(text, i) >= 0)) {
      digits += 1;
      gap = 0;
      if (digits >= LEAST_DIGITS) return true;
      continue;
    }
    gap += 1;
    if (gap > MOST_SEPARATORS || isAsciiLetter(code)) digits = 0;
  }
  return false;
}

function isAsciiLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

/** The digit's value, or -1. Also full-width and Arabic-Indic digits: people paste them, and they would slip through. */
function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code >= 48 && code <= 57) return code - 48;
  if (code < 0x0660) return -1;
  if (code <= 0x0669) return code - 0x0660;
  if (code >= 0x06f0 && code <= 0x06f9) return code - 0x06f0;
  if (code >= 0xff10 && code <= 0xff19) return code - 0xff10;
  return -1;
}

/** Runs of digit groups that stand close enough to be one number. */
function digitRuns(text: string): Group[][] {
  const runs: Group[][] = [];
  let run: Group[] = [];
  for (let at = 0; at < text.length; ) {
    if (digitAt(text, at) < 0) {
      // An encoded blank's own digits belong to no number.
      at += text.startsWith("%20", at) ? 3 : 1;
      continue;
    }
    const group = readGroup(text, at);
    const before = run.at(-1);
    if (before === undefined || !isJoined(text.slice(before.to, group.from))) {
      if (run.length > 0) runs.push(run);
      run = [];
    }
    run.push(group);
    at = group.to;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

function readGroup(text: string, from: number): Group {
  let digits = "";
  let to = from;
  for (let digit = digitAt(text, to); digit >= 0; digit = digitAt(text, to)) {
    digits += digit;
    to += 1;
  }
  return { from, to, digits };
}

const SEPARATORS = /^[^\p{L}\p{N}]{1,3}$/u;
const BLANK_OR_DASH = /^[\s.\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff]{1,3}$/;

function isJoined(between: string): boolean {
  return between === "%20" || (between.length <= MOST_SEPARATORS && SEPARATORS.test(between));
}

function findNumbers(text: string): Hit[] {
  const hits: Hit[] = [];
  for (const run of digitRuns(text)) {
    for (let first = 0; first < run.length; ) {
      const last = longestNumber(text, run, first);
      if (last < 0) {
        first += 1;
        continue;
      }
      const groups = run.slice(first, last + 1);
      const from = (run[first] as Group).from;
      const to = (run[last] as Group).to;
      if (!isInsideId(text, from, to)) {
        const mask = maskCardNumber(groups.map((group) => group.digits).join(""));
        hits.push({ from, to, mask, kind: "pan" });
      }
      first = last + 1;
    }
  }
  return hits;
}

/** Index of the last group of the longest card number that begins with group `first`, or -1. */
function longestNumber(text: string, run: readonly Group[], first: number): number {
  let digits = "";
  let loose = true;
  let best = -1;
  for (let last = first; last < run.length; last += 1) {
    const group = run[last] as Group;
    const before = last > first ? run[last - 1] : undefined;
    if (before !== undefined) loose &&= BLANK_OR_DASH.test(text.slice(before.to, group.from));
    digits += group.digits;
    if (digits.length > MOST_DIGITS) break;
    if (!isCardNumber(digits)) continue;
    if (loose || isUsualGrouping(run.slice(first, last + 1))) best = last;
  }
  return best;
}

/** 4-4-4-4, 4-4-4-4-3, 4-6-5, 4-6-4: as printed on cards. */
function isUsualGrouping(groups: readonly Group[]): boolean {
  const shape = groups.map((group) => group.digits.length).join("-");
  return /^4-4-4-[1-4](-[1-3])?$|^4-6-[45]$/.test(shape);
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const LEAST_HEX_ID = 24;

/** Digits of a UUID, or of a long hex id (which holds letters too), are no card number. */
function isInsideId(text: string, from: number, to: number): boolean {
  const hex = widen(text, from, to, /[0-9a-fA-F]/);
  if (hex.length >= LEAST_HEX_ID && /^[0-9a-fA-F]+$/.test(hex) && /[a-f]/i.test(hex)) return true;
  const left = Math.max(0, from - 36);
  for (const match of text.slice(left, to + 36).matchAll(UUID)) {
    const at = left + match.index;
    if (at <= from && to <= at + match[0].length) return true;
  }
  return false;
}

/** The text between, grown on both sides over characters that fit. */
function widen(text: string, from: number, to: number, fits: RegExp): string {
  let left = from;
  while (left > 0 && from - left < 80 && fits.test(text.charAt(left - 1))) left -= 1;
  let right = to;
  while (right < text.length && right - to < 80 && fits.test(text.charAt(right))) right += 1;
  return text.slice(left, right);
}

/** Track 1 `%B<number>^NAME^<expiry…>?`; track 2 `;<number>=<expiry, service code, …>?`, with D for = in chip data. */
const TRACK_1 = /%?[Bb](\d(?: ?\d){12,18})\^[^^\r\n]{0,40}\^\d{3,}[^\s?"']{0,64}\??/g;
const TRACK_2 = /;?(?<!\d)(\d{13,19})[=Dd]\d{7}[0-9A-Fa-f]{0,30}\??/g;

function findTracks(text: string): Hit[] {
  const hits: Hit[] = [];
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

const NAMED_CODE =
  /(?:cvv2?|cvc2?|cvn2?|csc|cid|cav2?|(?:card|security|verification)[\s_-]?(?:code|value|number))[^\p{L}\p{N}]{0,6}(\d{3,4})(?!\d)/giu;
/** What people write behind a number: expiry and code, or the code alone behind a bar or slash. */
const CODE_BEHIND =
  /^[\s|,;:/]{1,3}(?:(?:exp\w*[\s:.]{0,2})?(?:0[1-9]|1[0-2])[\s|/-]{0,3}(?:20)?\d\d[\s|,;:/]{1,3}(\d{3,4})|[|/]?(\d{3}))(?!\d|[.,]\d)/i;

/** Security codes: named ones anywhere in a text that holds a card number, nameless ones right behind it. */
function findCodes(text: string, numbers: readonly Hit[]): Hit[] {
  const found: Hit[] = [];
  for (const match of text.matchAll(NAMED_CODE)) found.push(codeHit(match, 0));
  for (const number of numbers) {
    const match = CODE_BEHIND.exec(text.slice(number.to, number.to + 40));
    if (match !== null) found.push(codeHit(match, number.to));
  }
  const free = found.filter((code) => !numbers.some((n) => code.from < n.to && n.from < code.to));
  return free.filter((code, i) => free.findIndex((other) => other.from === code.from) === i);
}

function codeHit(match: RegExpExecArray, offset: number): Hit {
  const code = match[1] ?? match[2] ?? "";
  const to = offset + match.index + match[0].length;
  return { from: to - code.length, to, mask: "*".repeat(code.length), kind: "cvv" };
}

function replaceAll(text: string, hits: readonly Hit[]): string {
  let out = "";
  let at = 0;
  for (const hit of hits) {
    if (hit.from < at) continue;
    out += text.slice(at, hit.from) + hit.mask;
    at = hit.to;
  }
  return out + text.slice(at);
}

const CODE_FIELD =
  /^(?:card_?)?(?:cvv2?|cvc2?|cvn2?|csc|cav2|cid|card_?code|security_?code|(?:card_?)?verification_?(?:code|value))$/i;

/** True for a field that by its name holds a security code and by its value may: it is masked without a number beside it. */
export function isSecurityCode(name: string, value: string): boolean {
  return /^\s*\d{3,4}\s*$/.test(value) && CODE_FIELD.test(name.replaceAll(/[\s-]/g, "_"));
}
