// Digits that pass every check of a card number and are none by what stands around them: ids, IBANs, phones, articles, prices.

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const LEAST_HEX_ID = 24;

/** In: the number's place in `text`, and its digits. */
export function isLookAlike(text: string, from: number, to: number, digits: string): boolean {
  return (
    isInsideId(text, from, to) ||
    isInsideIban(text, from, to) ||
    isPhone(text, from, digits) ||
    isArticle(text, from, to, digits) ||
    isParcel(text, from, to) ||
    isPrices(text.slice(from, to))
  );
}

/** Digits of a UUID, or of a long hex id (which holds letters too). */
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

/** Characters of an IBAN by country. Source: SWIFT IBAN Registry. A fixed length, so that a code before a card number is none. */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ AT: 20, BE: 16, BG: 22, CH: 21, CY: 28, CZ: 24, DE: 22, DK: 18, EE: 20, ES: 24, FI: 18 },
    ...{ FR: 27, GB: 22, GR: 27, HR: 21, HU: 28, IE: 22, IS: 26, IT: 27, LI: 21, LT: 20, LU: 20 },
    ...{ LV: 21, MC: 27, MT: 31, NL: 18, NO: 15, PL: 28, PT: 25, RO: 24, SE: 24, SI: 19, SK: 24 },
    ...{ AE: 23, BR: 29, IL: 23, SA: 24, TR: 26, UA: 29 },
  }),
);
const IBAN_HEAD = /(?<![A-Za-z0-9])([A-Z]{2})\d{2}/g;

function isInsideIban(text: string, from: number, to: number): boolean {
  const left = Math.max(0, from - 45);
  for (const head of text.slice(left, from + 4).matchAll(IBAN_HEAD)) {
    const length = IBAN_LENGTHS.get(head[1] ?? "");
    const start = left + head.index;
    if (length === undefined || start >= from) continue;
    const iban = /^(?:[A-Z0-9] ?)+/.exec(text.slice(start, start + 45))?.[0] ?? "";
    let end = 0;
    for (let taken = 0; taken < length && end < iban.length; end += 1) {
      if (iban.charAt(end) !== " ") taken += 1;
    }
    const compact = iban.slice(0, end).replaceAll(" ", "");
    if (compact.length === length && to <= start + end && hasIbanCheck(compact)) return true;
  }
  return false;
}

/** Source: ISO 13616, ISO 7064 MOD 97-10. */
function hasIbanCheck(iban: string): boolean {
  let rest = 0;
  for (const char of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** A German mobile with its country code has the 13 digits and the 4 of an old Visa card. */
function isPhone(text: string, from: number, digits: string): boolean {
  return digits.length === 13 && /(?:\+|(?<!\d)00[ -]?)$/.test(text.slice(0, from).slice(-4));
}

const ARTICLE_WORDS = "(?:gtin|ean|upc|sku|plu|barcode|article|artikel)";
const NAMED_ARTICLE = new RegExp(`${ARTICLE_WORDS}\\w{0,3}[^\\p{L}\\p{N}]{0,4}$`, "iu");
const ARTICLE_FIELD = new RegExp(`(?:^|[_\\s-])${ARTICLE_WORDS}`, "i");

/** An article's number (GTIN-13) by its own check digit, where the text names it so. */
function isArticle(text: string, from: number, to: number, digits: string): boolean {
  if (digits.length !== 13 || to - from !== 13 || !hasGs1Check(digits)) return false;
  return NAMED_ARTICLE.test(text.slice(Math.max(0, from - 24), from));
}

/**
 * True for a field that by its name holds an article's number and by its value does: one in ten of a German shop's
 * articles (GTIN-13, 400 to 440) would be an old Visa card of 13 digits, which no bank has issued for decades.
 */
export function isArticleNumber(name: string, value: string): boolean {
  return /^\s*\d{13}\s*$/.test(value) && ARTICLE_FIELD.test(name) && hasGs1Check(value.trim());
}

/** Source: GS1 General Specifications §7.9. */
function hasGs1Check(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const weight = (digits.length - i) % 2 === 0 ? 3 : 1;
    sum += weight * Number(digits.charAt(i));
  }
  return sum % 10 === 0;
}

/** UPS: 1Z and 16 characters; DHL: JJD and 18. */
function isParcel(text: string, from: number, to: number): boolean {
  const before = text.slice(Math.max(0, from - 4), from);
  if (to - from === 16) return /(?<![A-Za-z0-9])1Z$/i.test(before);
  return to - from === 18 && /(?<![A-Za-z0-9])JJD$/.test(before);
}

/** `41.03 29.75 43.76 50.36`, also from its middle: every second mark is a dot with two digits behind it. */
function isPrices(text: string): boolean {
  const marks = text.match(/[^\p{N}]+/gu) ?? [];
  if (marks.length < 3) return false;
  const odd = marks[0] === "." ? 0 : 1;
  const alternates = marks.every((mark, nth) => (mark === ".") === (nth % 2 === odd));
  return alternates && !/\.(?!\d{2}(?!\d))/.test(text);
}
