import { expect, it } from "vitest";
import { gapsOf, type HealthFacts, judgeHealth } from "./judge-health.ts";

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
/** One delivery in each hour before now, `silentH` of them missing at the end. */
const hourly = (silentH: number) =>
  Array.from({ length: 100 }, (_, n) => NOW - (100 + silentH - n) * HOUR);
const facts = (over: Partial<HealthFacts> = {}): HealthFacts => ({
  ...{ nowMs: NOW, created_at: 0, account: null, account_confirmed: false, quarantined: 0 },
  ...{ last_delivery_at: NOW - 60_000, minutes: hourly(0), refused: null, asks: [] },
  ...over,
});
const asks = [
  {
    ...{ what: "transactions", last_ok_at: 1, next_at: NOW, failures: 2 },
    ...{ last_error: "The provider refuses the token (401).", last_error_at: NOW },
  },
];

it.each<[string, Partial<HealthFacts>, string, RegExp]>([
  ["works", {}, "ok", /works/],
  ["never got anything", { last_delivery_at: null, minutes: [] }, "new", /Nothing has come yet/],
  ["fails to ask", { asks }, "trouble", /token/],
  ["refused the last one", { refused: { words: "Signature.", at: NOW } }, "trouble", /Signature/],
  ["refused one, and then took one", { refused: { words: "x", at: NOW - HOUR } }, "ok", /works/],
  ["waits for its account", { account: "M1" }, "trouble", /not confirmed/],
  ["set something aside", { quarantined: 3 }, "trouble", /3 deliveries/],
  ["is silent for a usual while", { minutes: hourly(1) }, "ok", /works/],
  ["is silent for too long", { minutes: hourly(6) }, "silent", /longer than/],
  ["is silent, but knows no usual", { minutes: hourly(6).slice(-3) }, "ok", /works/],
])("a connection that %s", (_name, over, state, words) => {
  expect(judgeHealth(facts(over))).toMatchObject({ state, words: expect.stringMatching(words) });
});

it("names the longest silences first, of an hour or more, and the one that goes on", () => {
  const five = 300_000;
  const minutes = [0, five, 10 * HOUR, 12 * HOUR, 12 * HOUR + 2 * five];
  expect(gapsOf(minutes, 20 * HOUR)).toEqual([
    { from: 2 * five, to: 10 * HOUR },
    { from: 12 * HOUR + 3 * five, to: 20 * HOUR },
    { from: 10 * HOUR + five, to: 12 * HOUR },
  ]);
});
