import { expect, it } from "vitest";
import type { Alert } from "./alert.ts";
import { tellAlert } from "./alert-story.ts";
import type { Names } from "./story-names.ts";
import { subject } from "./subject.ts";

const AT = Date.UTC(2026, 10, 25, 14, 2);

const names: Names = {
  merchant: "Corner Coffee",
  zone: "Europe/Berlin",
  language: "en",
  stores: new Map([["soho", { name: "Soho", zone: "Europe/London" }]]),
  terminals: new Map([["abc", "Bar till"]]),
  staff: new Map([["c-7", "Sam Carter"]]),
};

const alert: Alert = {
  id: "alt_1",
  merchant_id: "mer_1",
  detection: "refund-same-card",
  rule: "r",
  rule_version: 1,
  title: "Several refunds to one card",
  level: "high",
  subject: subject("card", "tok"),
  state: "open",
  label: null,
  reason: null,
  first_ts: AT,
  last_ts: AT,
  opened_at: AT,
  acknowledged_at: null,
  acknowledged_by: null,
  started_at: null,
  started_by: null,
  resolved_at: null,
  resolved_by: null,
  reopened_at: null,
  reopened_by: null,
  snoozed_until: null,
  snoozed_by: null,
  snooze_reason: null,
  hidden_count: 0,
  told_at: null,
  held_at: null,
  held_why: null,
  finding_count: 1,
  event_count: 5,
  amount: 41_210,
  currency: "EUR",
  value: 5,
  threshold: 3,
  explanation: "5 refunds.",
  counterfactual: "",
  store_id: "soho",
  terminal_id: "till-2",
  cashier_id: "c-7",
  evidence: [0, 1, 2, 3, 4].map((n) => ({
    event_id: `e${n}`,
    event_type: "refund",
    ts: AT + n * 140_000,
    amount: 8242,
    currency: "EUR",
    cashier_id: "c-7",
    fields: { last4: "4242" },
  })),
};

it.each<{ name: string; given: Partial<Alert>; expected: string }>([
  {
    name: "what, where, how much",
    given: {},
    expected: "5 refunds in 10 min, Till 2, Soho (€412)",
  },
  {
    name: "a till that has a name",
    given: { terminal_id: "abc" },
    expected: "5 refunds in 10 min, Bar till, Soho (€412)",
  },
  {
    name: "an unknown shop and till stay out: no ids",
    given: { terminal_id: "T9x8", store_id: "L77" },
    expected: "5 refunds in 10 min (€412)",
  },
  {
    name: "small sums keep their cents",
    given: { amount: 950 },
    expected: "5 refunds in 10 min, Till 2, Soho (€9.50)",
  },
  {
    name: "thousands",
    given: { amount: 1_234_550 },
    expected: "5 refunds in 10 min, Till 2, Soho (€12,345)",
  },
  { name: "no money", given: { amount: null }, expected: "5 refunds in 10 min, Till 2, Soho" },
  {
    name: "more events than evidence: no span",
    given: { event_count: 30 },
    expected: "30 refunds, Till 2, Soho (€412)",
  },
  {
    name: "a single event is named by its rule",
    given: { event_count: 1 },
    expected: "Several refunds to one card, Till 2, Soho (€412)",
  },
])("headline: $name", ({ given, expected }) => {
  expect(tellAlert({ ...alert, ...given }, names, undefined).headline).toBe(expected);
});

it("one sentence says what, whom, where, when in the shop's time, how much, who", () => {
  expect(tellAlert(alert, names, undefined).sentence).toBe(
    "5 refunds to one card ending 4242 within 10 minutes on Till 2 in Soho, Wed 25 November, 14:02 to 14:11 (London time), €412.10 in all. At the till: Sam.",
  );
});

it.each([
  ["It was made by c-7 at the till till-2 in soho.", "It was made by Sam at Till 2 in Soho."],
  ["c-77 and sohoho are others.", "c-77 and sohoho are others."],
  [
    "Activity (drawer_opened) at 2026-03-03T03:00:00.000.",
    "Activity (drawer opening) at 2026-03-03, 03:00.",
  ],
])("ids in a rule's words become names: %s", (explanation, expected) => {
  expect(tellAlert({ ...alert, explanation }, names, undefined).why[0]).toBe(expected);
});

it("advice names what it is about, and leaves out what nobody knows", () => {
  const advice = {
    why: null,
    explains: [],
    cooldown_ms: null,
    do_now: [
      "Ask at the till {terminal_id}.",
      "Ask {cashier_id} about {last4}.",
      "Block the range {bin} now.",
    ],
  };
  expect(tellAlert(alert, names, advice).doNow).toEqual([
    "Ask at Till 2.",
    "Ask Sam about 4242.",
    "Block the range now.",
  ]);
});

it("a hash is no name for a reader", () => {
  const story = tellAlert(
    { ...alert, subject: subject("account", "9f".repeat(32)) },
    names,
    undefined,
  );
  expect(story.sentence).toContain("one account");
  expect(story.sentence).not.toContain("9f9f");
});

it("rows are the newest, in the shop's time, and what they leave out is counted", () => {
  const story = tellAlert({ ...alert, event_count: 9 }, names, undefined, 3);
  expect(story.rows).toHaveLength(3);
  expect(story.rows.at(-1)).toEqual({
    time: "14:11:20",
    act: "Refund",
    amount: "€82.42",
    person: "Sam",
    place: "",
    card: "••••\u00a04242",
  });
  expect(story.hidden).toBe(6);
});

it.each([
  ["line breaks", "a\r\nBcc: x@y.example"],
  ["direction marks", "a\u202Egnp.exe"],
  ["5,000 characters", "x".repeat(5000)],
  ["zero bytes", "a\u0000b"],
])("hostile names stay in one short line: %s", (_name, hostile) => {
  const story = tellAlert(
    { ...alert, title: hostile, event_count: 1, store_id: "soho", explanation: hostile },
    {
      ...names,
      staff: new Map([["c-7", hostile]]),
      stores: new Map([["soho", { name: hostile, zone: "UTC" }]]),
    },
    undefined,
  );
  for (const text of [
    story.headline,
    story.sentence,
    ...story.why,
    ...story.rows.map((row) => row.person),
  ]) {
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text.length).toBeLessThanOrEqual(400);
  }
  expect(story.headline.length).toBeLessThanOrEqual(120);
});

it("nothing of ours accuses anybody", () => {
  const story = tellAlert(alert, names, undefined);
  expect(JSON.stringify(story)).not.toMatch(/theft|thief|fraudster|guilty/i);
});
