import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCardNumber } from "./card-brands.ts";
import { isSecurityCode } from "./card-codes.ts";
import { maskCardData } from "./card-data.ts";
import { isArticleNumber } from "./card-look-alikes.ts";

/** Completes a prefix to `length` digits with a Luhn check digit. */
function cardNumber(prefix: string, length: number, filler: readonly number[]): string {
  let body = prefix;
  for (let i = 0; body.length < length - 1; i += 1) body += filler[i % filler.length] ?? 0;
  for (let check = 0; check <= 9; check += 1) if (isCardNumber(body + check)) return body + check;
  throw new Error(`no check digit fits ${body}`);
}

const SCHEMES: [string, number][] = [
  ["4", 13],
  ["4", 16],
  ["4", 19],
  ["51", 16],
  ["2221", 16],
  ["2720", 16],
  ["34", 15],
  ["37", 15],
  ["6011", 16],
  ["65", 19],
  ["305", 14],
  ["36", 14],
  ["3528", 16],
  ["62", 16],
  ["62", 19],
  ["2200", 16],
  ["6759", 18],
  ["5612", 16],
  ["679", 19],
  ["6390", 16],
  ["8123", 16],
  ["8180", 16],
  ["9704", 19],
  ["506705", 16],
  ["509123", 16],
  ["636368", 16],
  ["507900", 16],
  ["606282", 16],
  ["637095", 16],
];
const anyCard = fc
  .tuple(
    fc.constantFrom(...SCHEMES),
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 18, maxLength: 18 }),
  )
  .map(([[prefix, length], filler]) => cardNumber(prefix, length, filler));
const separator = fc.constantFrom(
  "",
  " ",
  "-",
  ".",
  "\n",
  "\u00a0",
  "\u2009",
  "\u2011",
  "\u200b",
  " - ",
  "&nbsp;",
  "%20",
  "%2D",
  "\\u00a0",
  "\\n",
);

describe("card numbers are found and masked", () => {
  it.each([
    { name: "plain", given: "4111111111111111", expected: "411111******1111" },
    {
      name: "in text",
      given: "card 4111 1111 1111 1111 thanks",
      expected: "card 411111******1111 thanks",
    },
    { name: "dashes", given: "x4111-1111-1111-1111y", expected: "x411111******1111y" },
    {
      name: "behind another number",
      given: "order 12345 4111 1111 1111 1111",
      expected: "order 12345 411111******1111",
    },
    {
      name: "slashes in a card's groups",
      given: "4111/1111/1111/1111",
      expected: "411111******1111",
    },
    { name: "commas in a card's groups", given: "3782,822463,10005", expected: "378282*****0005" },
    { name: "URL encoding", given: "n=4111%201111%201111%201111", expected: "n=411111******1111" },
    {
      name: "full-width digits",
      given: "４１１１１１１１１１１１１１１１",
      expected: "411111******1111",
    },
    {
      name: "JSON in a text",
      given: '{"n":"5555555555554444","cvv":"123"}',
      expected: '{"n":"555555******4444","cvv":"***"}',
    },
    {
      name: "two numbers",
      given: "4111111111111111, 5555555555554444",
      expected: "411111******1111, 555555******4444",
    },
    {
      name: "a security code by name",
      given: "378282246310005 CVC: 1234",
      expected: "378282*****0005 CVC: ****",
    },
    {
      name: "number, expiry, code",
      given: "4111111111111111|12|2027|123",
      expected: "411111******1111|12|2027|***",
    },
    {
      name: "number, expiry with slash, code",
      given: "4111111111111111 12/27 123",
      expected: "411111******1111 12/27 ***",
    },
    {
      name: "American Express and its four digits",
      given: "378282246310005 1234",
      expected: "378282*****0005 ****",
    },
    {
      name: "number and code that together pass as a longer number",
      given: "4111 1111 1111 1111 110",
      expected: "411111******1111***",
    },
    {
      name: "number and expiry that together pass as a longer number, then the code",
      given: "3565 3055 4235 0420 09/29 951",
      expected: "356530******0420**/29 ***",
    },
    {
      name: "escapes of a JSON text in a JSON text in a text",
      given: "4111\\\\u00a01111\\\\u00a01111\\\\n1111",
      expected: "411111******1111",
    },
    {
      name: "a code named in a sentence",
      given: "card 4111111111111111 security code is 568",
      expected: "card 411111******1111 security code is ***",
    },
    {
      name: "a code named in German",
      given: "4111111111111111, Prüfziffer lautet: 568",
      expected: "411111******1111, Prüfziffer lautet: ***",
    },
    {
      name: "a number that begins in an order's number by chance",
      given: "order 37505 3415 087614 80805",
      expected: "order 375053*****7614*****",
    },
    {
      name: "HTML blanks",
      given: "4111&nbsp;1111&nbsp;1111&nbsp;1111",
      expected: "411111******1111",
    },
    {
      name: "escapes of a JSON text in a text",
      given: '"4111\\u00a01111\\n1111\\t1111"',
      expected: '"411111******1111"',
    },
    {
      name: "dashes of an address",
      given: "n=4111%2D1111%2D1111%2d1111",
      expected: "n=411111******1111",
    },
    {
      name: "a blank and a plus of a form",
      given: "n=+4111+1111+1111+1111",
      expected: "n=+411111******1111",
    },
    {
      name: "an old number of 13 digits that might be an article, unnamed",
      given: "4035820970376",
      expected: "403582***0376",
    },
    {
      name: "behind what looks like an IBAN's head",
      given: "DE12 4111 1111 1111 1111",
      expected: "DE12 411111******1111",
    },
    {
      name: "commas, with something else behind",
      given: "4111,1111,1111,1111;12",
      expected: "411111******1111;12",
    },
  ])("$name", ({ given, expected }) => {
    const scan = maskCardData(given);
    expect(scan.text).toBe(expected);
    expect(scan.found).toContain("pan");
  });

  it.each([
    { name: "track 1", given: "%B4111111111111111^DOE/JANE^25121010000012300000?" },
    { name: "track 2", given: ";4111111111111111=25121010000012345678?" },
    { name: "track 2 of a chip", given: "57 4111111111111111D25121010000012345678F" },
    {
      name: "track 1 without its number's check digit",
      given: "B4111111111111112^DOE/JANE^2512101123",
    },
  ])("$name is masked whole", ({ given }) => {
    const scan = maskCardData(`swipe ${given} end`);
    expect(scan.found).toEqual(["track"]);
    expect(scan.text).not.toMatch(/\d{7}|DOE|2512/);
    expect(scan.text).toMatch(/^swipe .*end$/);
  });

  it("any scheme's number, however its digits are split, in any plain text", () => {
    fc.assert(
      fc.property(
        anyCard,
        fc.array(separator, { minLength: 19, maxLength: 19 }),
        fc.constantFrom("", "card ", "Nr.: ", "abc", '{"a":"'),
        fc.constantFrom("", " ok", "xyz", '"}', ", paid"),
        (number, separators, before, after) => {
          // A number and what follows, or one long number: hidden further, see above.
          fc.pre(
            ![13, 14, 15, 16, 17, 18].some(
              (n) => isCardNumber(number.slice(0, n)) && n < number.length,
            ),
          );
          const split = [...number]
            .map((digit, i) => (i === 0 ? digit : separators[i] + digit))
            .join("");
          const scan = maskCardData(before + split + after);
          expect(scan.found).toContain("pan");
          expect(scan.text).toBe(
            `${before}${number.slice(0, 6)}${"*".repeat(number.length - 10)}${number.slice(-4)}${after}`,
          );
        },
      ),
    );
  });

  it("a masked text is clean", () => {
    fc.assert(
      fc.property(fc.string(), anyCard, fc.string(), (before, number, after) => {
        const once = maskCardData(`${before} ${number} ${after}`).text;
        expect(once).not.toContain(number);
        expect(maskCardData(once).text).toBe(once);
      }),
    );
  });
});

describe("no cry at what is no card", () => {
  it.each([
    ["Square's gift-card number", "7783320007480908"],
    ["a catalog version in ms", "1572369376530"],
    ["one digit wrong", "4111111111111112"],
    ["a telephone number", "+1 212 555 4240"],
    ["an address with ports", "192.168.100.121:8080, 10.0.0.1"],
    ["an ISO time", "2026-11-25T10:00:00.000+01:00"],
    ["a Stripe id", "ch_1PgafuB7WZ01zgkWXYmPNZs8"],
    ["a Square token", "sq-1-Tvruf3vPQxlvI6n0IcKYfBukrcv6IqWr8UyBdViWXU2yzGn5VMJvrsHMKpINMhPmVg"],
    ["a UUID of digits that pass the check", "a1b2c3d4-4111-1111-1111-111111114444"],
    ["a hex id around a number", "ab4111111111111111cdef0123456789"],
    ["security code without a number", "cvv 123"],
    ["a German mobile", "+49 151 27519911"],
    ["a German mobile, as dialled", "tel 00 49 151 27519911"],
    ["a German article, named", '{"gtin13":"4035820970376"}'],
    ["an article in words", "EAN: 4035820970376, 2 pieces"],
    ["a German IBAN", "DE67 6446 7087 3782 7227 91"],
    ["a French IBAN in a text", "pay FR90 4084 0999 8982 6097 1128 030 today"],
    ["a parcel", "UPS 1Z2653373560306729"],
    ["a parcel of DHL", "JJD568853595780550789"],
    ["prices in a row", "41.86 41.03 29.75 43.76 50.36 4.52"],
    ["a list of quantities", "[4676,3419,6146,3208,2927,8451,158]"],
  ])("%s", (_name, given) => {
    expect(maskCardData(given)).toEqual({ text: given, found: [] });
  });

  it("UUIDs, hashes, times, ids and texts with few digits pass untouched, as the same text", () => {
    const clean = fc.oneof(
      fc.uuid(),
      fc
        .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 })
        .filter((t) => /[a-f]/.test(t)),
      fc
        .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
        .map((d) => d.toISOString()),
      fc.integer({ min: 946_684_800_000, max: 1_999_999_999_999 }).map(String),
      fc.string().filter((t) => t.replaceAll(/\D/g, "").length < 13 && !/[\u0660-\uff19]/.test(t)),
      fc.ipV4(),
    );
    fc.assert(
      fc.property(clean, (text) => {
        expect(maskCardData(text)).toEqual({ text, found: [] });
      }),
      { numRuns: 2000 },
    );
  });

  it("numbers that fail the Luhn check pass untouched", () => {
    fc.assert(
      fc.property(anyCard, (number) => {
        const wrong = number.slice(0, -1) + ((Number(number.at(-1)) + 1) % 10);
        expect(maskCardData(wrong).found).toEqual([]);
      }),
    );
  });
});

it.each([
  ["cvv", "123", true],
  ["card_cvc", "1234", true],
  ["Security Code", "123", true],
  ["cvv_result", "123", false],
  ["cvv", "pass", false],
  ["amount", "123", false],
])("a field %s with %s is a security code: %s", (name, value, expected) => {
  expect(isSecurityCode(name, value)).toBe(expected);
});

it.each([
  ["sku", "4035820970376", true],
  ["item_gtin", " 4035820970376 ", true],
  ["sku", "4035820970377", false],
  ["sku", "4111111111111111", false],
  ["payment_id", "4035820970376", false],
  ["pan_european", "4035820970376", false],
])("a field %s with %s is an article's number: %s", (name, value, expected) => {
  expect(isArticleNumber(name, value)).toBe(expected);
});
