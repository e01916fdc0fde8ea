import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currencyDecimals, formatDecimal, formatMoney, isCurrency, parseDecimal } from "./money.ts";

describe("parseDecimal", () => {
  it.each([
    { text: "12.30", decimals: 2, minor: 1230 },
    { text: "12.3", decimals: 2, minor: 1230 },
    { text: "12", decimals: 2, minor: 1200 },
    { text: "0.005", decimals: 3, minor: 5 },
    { text: "500", decimals: 0, minor: 500 },
    { text: "500.00", decimals: 0, minor: 500 },
    { text: "-0.01", decimals: 2, minor: -1 },
    { text: "-0", decimals: 2, minor: 0 },
    { text: "10000000000.00", decimals: 2, minor: 1_000_000_000_000 },
  ])("$text with $decimals decimals is $minor", ({ text, decimals, minor }) => {
    expect(parseDecimal(text, decimals)).toBe(minor);
  });

  it.each([
    "",
    "1,5",
    "1e3",
    "0x1",
    " 1",
    "1.",
    ".5",
    "--1",
    "1.234",
    "10000000000.01",
    "NaN",
    "１",
  ])("%j is refused", (text) => {
    expect(() => parseDecimal(text, 2)).toThrow(/amount/i);
  });

  it("gives back what formatDecimal wrote, for every currency scale", () => {
    const currency = fc.constantFrom("EUR", "JPY", "KWD", "CLF");
    fc.assert(
      fc.property(currency, fc.integer({ min: -1e12, max: 1e12 }), (code, minor) => {
        expect(parseDecimal(formatDecimal(minor, code), currencyDecimals(code))).toBe(
          minor === 0 ? 0 : minor,
        );
      }),
    );
  });
});

describe("formatMoney", () => {
  it.each([
    { minor: 1230, currency: "EUR", text: "€12.30" },
    { minor: 500, currency: "JPY", text: "¥500" },
    { minor: 1, currency: "KWD", text: "KWD 0.001" },
    { minor: -5, currency: "GBP", text: "-£0.05" },
    { minor: 999_999_999_999, currency: "USD", text: "$9,999,999,999.99" },
  ])("$minor $currency reads $text", ({ minor, currency, text }) => {
    expect(formatMoney(minor, currency).replace(/\u00a0/g, " ")).toBe(text);
  });
});

it("knows every currency that the platform knows to have the same decimals", () => {
  const odd = Intl.supportedValuesOf("currency")
    .filter(isCurrency)
    .filter((code) => {
      const shown = new Intl.NumberFormat("en", {
        style: "currency",
        currency: code,
      }).resolvedOptions();
      return shown.maximumFractionDigits !== currencyDecimals(code);
    });
  // CLDR shows some inflated currencies without decimals; ISO 4217 still has them, and amounts are sent by ISO.
  const shownRounded =
    "AFN ALL IQD IRR KPW LAK LBP MGA MMK PKR RSD SLE SOS SYP UYW YER COP CRC HUF IDR MUR TZS UZS AMD GYD MNT MRU".split(
      " ",
    );
  expect(odd.filter((code) => !shownRounded.includes(code))).toEqual([]);
});

it.each(["eur", "EURO", "", "XDR", "XXX", "BTC", "constructor", "__proto__"])(
  "%j is no currency",
  (code) => {
    expect(isCurrency(code)).toBe(false);
  },
);
