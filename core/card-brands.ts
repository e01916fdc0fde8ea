// What makes digits a card number: a scheme's prefix and length, and the Luhn check.

const LEAST_DIGITS = 13;
const MOST_DIGITS = 19;
/** Most schemes whose numbers vary. */
const LONG = [16, 17, 18, 19];
const MAESTRO = [16, 18, 19];
const OLD_MAESTRO = [13, 14, 15, 16, 17, 18, 19];

type Brand = { first: number; last: number; size: number; lengths: readonly number[] };

/**
 * Issuer prefixes (first to last, compared on as many digits as they have) with the lengths that their scheme issues.
 * Left out: Maestro's numbers of 12 digits, and UATP (15 digits that begin with 1), which look like any other number.
 */
const BRANDS: readonly Brand[] = [
  { first: 4, last: 4, size: 1, lengths: [13, 16, 19] }, // Visa
  { first: 51, last: 55, size: 2, lengths: [16] }, // Mastercard
  { first: 2221, last: 2720, size: 4, lengths: [16] },
  { first: 34, last: 34, size: 2, lengths: [15] }, // American Express
  { first: 37, last: 37, size: 2, lengths: [15] },
  { first: 6011, last: 6011, size: 4, lengths: LONG }, // Discover
  { first: 644, last: 649, size: 3, lengths: LONG },
  { first: 65, last: 65, size: 2, lengths: LONG },
  { first: 300, last: 305, size: 3, lengths: [14, 16] }, // Diners
  { first: 3095, last: 3095, size: 4, lengths: [14, 16] },
  { first: 36, last: 36, size: 2, lengths: [14, 16] },
  { first: 38, last: 39, size: 2, lengths: [14, 16] },
  { first: 3528, last: 3589, size: 4, lengths: LONG }, // JCB
  { first: 62, last: 62, size: 2, lengths: LONG }, // UnionPay
  { first: 8100, last: 8171, size: 4, lengths: LONG },
  { first: 8172, last: 8198, size: 4, lengths: [16] }, // RuPay
  { first: 606985, last: 608510, size: 6, lengths: [16] },
  { first: 2200, last: 2204, size: 4, lengths: LONG }, // Mir
  { first: 9792, last: 9792, size: 4, lengths: [16] }, // Troy
  { first: 9704, last: 9704, size: 4, lengths: [16, 19] }, // Napas
  { first: 50, last: 50, size: 2, lengths: MAESTRO }, // Maestro, Elo, Verve, RuPay
  { first: 56, last: 58, size: 2, lengths: MAESTRO }, // Maestro
  { first: 639, last: 639, size: 3, lengths: MAESTRO },
  { first: 67, last: 67, size: 2, lengths: MAESTRO },
  { first: 5018, last: 5020, size: 4, lengths: OLD_MAESTRO }, // and Dankort
  { first: 5038, last: 5038, size: 4, lengths: OLD_MAESTRO },
  { first: 5893, last: 5893, size: 4, lengths: OLD_MAESTRO },
  { first: 6304, last: 6304, size: 4, lengths: OLD_MAESTRO },
  { first: 6759, last: 6763, size: 4, lengths: OLD_MAESTRO },
  { first: 636297, last: 636297, size: 6, lengths: [16] }, // Elo
  { first: 636368, last: 636368, size: 6, lengths: [16] },
  { first: 606282, last: 606282, size: 6, lengths: [16, 19] }, // Hipercard
  { first: 637095, last: 637095, size: 6, lengths: [16] },
  { first: 637568, last: 637612, size: 6, lengths: [16] },
];

/** True for 13-19 ASCII digits that pass the Luhn check and have a card scheme's prefix and length. */
export function isCardNumber(digits: string): boolean {
  if (digits.length < LEAST_DIGITS || digits.length > MOST_DIGITS) return false;
  return hasBrand(digits) && passesLuhn(digits);
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

/** First six and last four digits; the rest hidden. The most that the schemes' truncation rules let stand. */
export function maskCardNumber(digits: string): string {
  return `${digits.slice(0, 6)}${"*".repeat(Math.max(0, digits.length - 10))}${digits.slice(-4)}`;
}
