import { expect, it } from "vitest";
import { LEVELS } from "../core/level.ts";
import { judgeTelling } from "./noise-budget.ts";

it.each([
  { level: "medium", used: 2, budget: 3, does: "tell" },
  { level: "medium", used: 3, budget: 3, does: "hold" },
  { level: "low", used: 1, budget: 3, does: "tell" },
  { level: "low", used: 2, budget: 3, does: "hold" },
  { level: "low", used: 0, budget: 1, does: "hold" },
  { level: "medium", used: 0, budget: 0, does: "hold" },
  { level: "high", used: 99, budget: 0, does: "tell" },
  { level: "critical", used: 99, budget: 0, does: "tell" },
  { level: "informational", used: 0, budget: 9, does: "nothing" },
] as const)("$level, $used of $budget used -> $does", ({ does, ...given }) => {
  expect(judgeTelling({ ...given, kind: "opened", told: false }).do).toBe(does);
});

it.each(LEVELS)("%s: what people know of already goes on in its thread", (level) => {
  const given = { level, used: 99, budget: 0, told: true };
  const does = level === "informational" ? "nothing" : "tell";
  expect(judgeTelling({ ...given, kind: "escalated_low" }).do).toBe(does);
  expect(judgeTelling({ ...given, kind: "withdrawn" }).do).toBe(does);
});

it("nobody is told that something was taken back of which they never heard", () => {
  const given = { level: "high", used: 0, budget: 3, told: false, kind: "withdrawn" } as const;
  expect(judgeTelling(given)).toEqual({ do: "nothing" });
});
