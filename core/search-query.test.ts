// The search line: what each term means, and that a wrong one is told with what was probably meant.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "./errors.ts";
import { parseSearch } from "./search-query.ts";

const rows: [string, unknown[]][] = [
  ["", []],
  ["  blue   shirt ", [text("blue"), text("shirt")]],
  ['"blue shirt" -"a b"', [text("blue shirt"), text("a b", true)]],
  ["event_type:payment", [is("event_type", ["payment"])]],
  ["-outcome:approved,declined", [is("outcome", ["approved", "declined"], true)]],
  ['reason:"a, b",c', [is("reason", ["a, b", "c"])]],
  ['reason:"say \\"no\\""', [is("reason", ['say "no"'])]],
  [
    "amount:>=1000",
    [{ not: false, kind: "compare", field: "amount", compare: "gte", value: 1000 }],
  ],
  ["amount:<-5", [{ not: false, kind: "compare", field: "amount", compare: "lt", value: -5 }]],
  ["training:true", [is("training", [true])]],
  ["card_token:*", [{ not: false, kind: "exists", field: "card_token" }]],
  ["-card_token:*", [{ not: true, kind: "exists", field: "card_token" }]],
  ["terminal_id:t*,x", [{ not: false, kind: "like", field: "terminal_id", patterns: ["t*", "x"] }]],
  ['terminal_id:"t*"', [is("terminal_id", ["t*"])]],
  [
    "ts:>2026-11-25T00:00:00Z",
    [{ not: false, kind: "compare", field: "ts", compare: "gt", value: Date.UTC(2026, 10, 25) }],
  ],
  ["-", [text("-")]],
];
function text(of: string, not = false) {
  return { not, kind: "text", text: of };
}
function is(field: string, values: unknown[], not = false) {
  return { not, kind: "is", field, values };
}

describe("a search line", () => {
  it.each(rows)("%s", (line, terms) => expect(parseSearch(line)).toEqual(terms));

  it.each([
    ["amout:5", 'Did you mean "amount"?'],
    ["amount:ten", "minor units"],
    ["amount:", "amount:*"],
    ["amount:1*", "not text"],
    ["terminal_id:>5", "not a number"],
    ["training:maybe", "true or false"],
    ['"open', "never closed"],
    ["ts:yesterday", "ISO 8601"],
    ["ts_local:2026", '"from" and "to"'],
    ["x".repeat(2001), "2000 characters"],
    ["a ".repeat(31), "30 terms"],
  ])("refuses %s", (line, words) => {
    expect(() => parseSearch(line)).toThrow(AppError);
    expect(() => parseSearch(line)).toThrow(words);
  });

  it("takes any text in quotes as it is, and never throws anything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 }), (raw) => {
        const quoted = `"${raw.replace(/[\\"]/g, "\\$&")}"`;
        expect(parseSearch(quoted)).toEqual([text(raw)]);
        try {
          parseSearch(raw);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});
