import fc from "fast-check";
import { expect, it } from "vitest";
import { findingId } from "./finding.ts";
import { contentId, newId, ulid } from "./ids.ts";

it("gives ULIDs as the specification writes them", () => {
  expect(ulid(1469918176385, new Uint8Array(10))).toBe("01ARYZ6S410000000000000000");
  expect(ulid(0, new Uint8Array(10).fill(255))).toBe("0000000000ZZZZZZZZZZZZZZZZ");
  expect(newId("mer", 0)).toMatch(/^mer_0{10}[0-9A-HJKMNP-TV-Z]{16}$/);
});

it("sorts ULIDs by time", () => {
  const ms = fc.integer({ min: 0, max: 2 ** 47 });
  fc.assert(
    fc.property(ms, ms, (a, b) => {
      fc.pre(a !== b);
      expect(ulid(a) < ulid(b)).toBe(a < b);
    }),
  );
});

it("tells apart parts that read alike when joined", () => {
  expect(contentId("a", "b")).not.toBe(contentId("ab"));
  expect(contentId("a:b", "c")).not.toBe(contentId("a", "b:c"));
  expect(contentId("1")).not.toBe(contentId(1));
});

it("gives a finding the same id whatever the order of its group's keys", () => {
  const of = { merchant_id: "m", rule: "r", rule_version: 1, ts: 5 };
  expect(findingId({ ...of, group: { a: "1", b: "2" } })).toBe(
    findingId({ ...of, group: { b: "2", a: "1" } }),
  );
  expect(findingId({ ...of, group: { a: "1" } })).not.toBe(findingId({ ...of, group: { a: "2" } }));
  expect(findingId({ ...of, group: {} })).not.toBe(
    findingId({ ...of, rule_version: 2, group: {} }),
  );
});
