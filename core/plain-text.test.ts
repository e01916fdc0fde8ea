import { expect, it } from "vitest";
import { defang, plainText } from "./plain-text.ts";

it.each([
  { name: "line breaks become spaces", given: "a\r\nBcc: b\u2028c", expected: "a Bcc: b c" },
  { name: "direction marks go", given: "a\u202Egpj.exe\u2066", expected: "agpj.exe" },
  { name: "zero-width characters go", given: "pay\u200Bpal\uFEFF", expected: "paypal" },
  {
    name: "stacked accents are thinned",
    given: `z${"\u0301".repeat(50)}`,
    expected: "z\u0301\u0301\u0301".normalize("NFD"),
  },
  { name: "a lone surrogate cannot break the encoding", given: "a\ud800b", expected: "a\ufffdb" },
  { name: "markup stays: escaping is the template's", given: "<b>&", expected: "<b>&" },
  { name: "a longer text is cut with a sign", given: "abcdefghijk", expected: "abcdefghi…" },
  { name: "ten characters are not cut", given: "abcdefghij", expected: "abcdefghij" },
  {
    name: "emoji count once and are not split",
    given: "😀".repeat(11),
    expected: `${"😀".repeat(9)}…`,
  },
])("$name", ({ given, expected }) => {
  expect(plainText(given, 10)).toBe(expected);
});

it.each([
  ["http://evil.example/x", "http[:]//evil[.]example/x"],
  ["ask www.evil.co.uk now", "ask www[.]evil[.]co[.]uk now"],
  ["a@b.example", "a@b[.]example"],
  ["€412.10 in 3.5 h", "€412.10 in 3.5 h"],
  ["203.0.113.9", "203.0.113.9"],
  ["End. Next sentence.", "End. Next sentence."],
])("defang: %s -> %s", (given, expected) => {
  expect(defang(given)).toBe(expected);
});
