import { expect, it } from "vitest";
import { parseCondition } from "./condition.ts";

const compare = (variable: string, operator: string, values: string[], negated = false) => ({
  kind: "compare",
  variable,
  operator,
  negated,
  values,
});

it.each([
  ["__a__:value = 3", compare("__a__", "=", ["3"])],
  ["__a__:value=3", compare("__a__", "=", ["3"])],
  ["__a__:value != 'it\\'s'", compare("__a__", "!=", ["it's"])],
  [
    "__a__:value NOT IN ('x', y, 10.0.0.0/8)",
    compare("__a__", "IN", ["x", "y", "10.0.0.0/8"], true),
  ],
  ["__ip-4__:value ISSUBSET '10.0.0.0/8'", compare("__ip-4__", "ISSUBSET", ["10.0.0.0/8"])],
  ["__a__:value >= t'2026-11-25T10:00:00Z'", compare("__a__", ">=", ["2026-11-25T10:00:00Z"])],
  ["__a__:value MATCHES '^x+$'", compare("__a__", "MATCHES", ["^x+$"])],
  ["__a__:value = 'AND'", compare("__a__", "=", ["AND"])],
])("reads %s", (text, condition) => expect(parseCondition(text)).toEqual({ ok: true, condition }));

it("binds NOT before AND before OR, and brackets before all", () => {
  const [a, b, c] = ["__a__", "__b__", "__c__"].map((name) => compare(name, "=", ["1"]));
  const read = (text: string) => {
    const parsed = parseCondition(text.replace(/[abc]/g, (name) => `__${name}__:value = 1`));
    return parsed.ok ? parsed.condition : parsed.message;
  };
  expect(read("a OR b AND c")).toEqual({ kind: "or", of: [a, { kind: "and", of: [b, c] }] });
  expect(read("(a OR b) AND c")).toEqual({ kind: "and", of: [{ kind: "or", of: [a, b] }, c] });
  expect(read("NOT a AND b")).toEqual({ kind: "and", of: [{ kind: "not", of: a }, b] });
});

it.each([
  ["", "is empty"],
  ["__a__:value", "ends too early"],
  ["__a__:value >", "ends too early"],
  ["__a__ = 3", "a variable must be"],
  ["3 = 3", "a variable must be"],
  ["__a__:value == 3", "a constant must be"],
  ["__a__:value IS 3", "no operator"],
  ["__a__:value = __b__:value", "variables stand on the left"],
  ["__a__:value = 3 4", "left over"],
  ["__a__:value = 'x", "Close quotes"],
  ["(__a__:value = 3", "ends too early"],
  ["__a__:value = 3)", "left over"],
  ["__a__:value IN ('x' 'y')", "commas"],
  ["__a__:value MATCHES '('", "no regular expression"],
  ["FOLLOWEDBY __a__:value = 3", "several observations"],
  [`${"(".repeat(200)}__a__:value = 3`, "nested too deeply"],
])("refuses %s, and says %s", (text, words) => {
  const parsed = parseCondition(text);
  expect(parsed).toMatchObject({ ok: false, message: expect.stringContaining(words) });
});
