// Money is whole minor units with an ISO 4217 currency; no float ever touches an amount.
import { AppError } from "./errors.ts";

/** Active ISO 4217 codes by number of decimals. Source: ISO 4217 list one, 2026. */
const BY_DECIMALS: Readonly<Record<number, string>> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  2:
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP " +
    "COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD " +
    "KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO " +
    "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS " +
    "TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

const DECIMALS = new Map<string, number>();
for (const [decimals, codes] of Object.entries(BY_DECIMALS)) {
  for (const code of codes.split(" ")) DECIMALS.set(code, Number(decimals));
}

/** Amounts beyond this many minor units are refused at the door (R17 of the rule language). */
export const MAX_AMOUNT_MINOR = 1_000_000_000_000;

export function isCurrency(code: string): boolean {
  return DECIMALS.has(code);
}

/** Decimals of a currency: EUR 2, JPY 0, KWD 3. Throws CURRENCY_UNKNOWN. */
export function currencyDecimals(code: string): number {
  const decimals = DECIMALS.get(code);
  if (decimals === undefined) {
    throw new AppError(
      "CURRENCY_UNKNOWN",
      `"${code.slice(0, 8)}" is not an ISO 4217 currency code.`,
    );
  }
  return decimals;
}

/**
 * Minor units of a decimal text: `("12.30", 2)` gives 1230. Digits only, one point, an optional minus.
 * More decimals than the currency has are taken only when they are zeros. Throws AMOUNT_INVALID.
 */
export function parseDecimal(text: string, decimals: number): number {
  const match = /^(-?)(\d{1,13})(?:\.(\d{1,8}))?$/.exec(text);
  if (match === null)
    throw new AppError("AMOUNT_INVALID", "The amount is not a plain decimal number.");
  const fraction = (match[3] ?? "").padEnd(decimals, "0");
  if (/[1-9]/.test(fraction.slice(decimals))) {
    throw new AppError("AMOUNT_INVALID", `The amount has more than ${decimals} decimals.`);
  }
  const minor = Number(`${match[2]}${fraction.slice(0, decimals)}`);
  if (minor > MAX_AMOUNT_MINOR)
    throw new AppError("AMOUNT_INVALID", "The amount is beyond 10^12 minor units.");
  return match[1] === "-" && minor !== 0 ? -minor : minor;
}

/** Plain decimal text: `(1230, "EUR")` gives `12.30`. */
export function formatDecimal(amountMinor: number, currency: string): string {
  const decimals = currencyDecimals(currency);
  const digits = Math.abs(amountMinor)
    .toString()
    .padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const sign = amountMinor < 0 ? "-" : "";
  return decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-decimals)}`;
}

/** Money as a person of that language reads it: `€12.30`, `¥500`. Falls back to `12.30 XYZ`. */
export function formatMoney(amountMinor: number, currency: string, language = "en"): string {
  const text = formatDecimal(amountMinor, currency);
  const format = new Intl.NumberFormat(language, { style: "currency", currency });
  return format.format(text as Intl.StringNumericLiteral);
}
