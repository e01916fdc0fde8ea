// The edges of every correlation type: the threshold and its neighbours, the window's end a ms before, at and after it.
import type { Event } from "../../../../core/event.ts";
import type { Ruleset } from "../../plan.ts";
import { anEvent, correlation, detection, rulesOf } from "./builders.ts";

const T = 2000;
const DETECTIONS = [
  detection("a", "{event_type: payment, outcome: declined}", 0),
  detection("b", "{event_type: payment, outcome: approved}", 1),
  detection("c", "{event_type: payment, outcome: error}", 2),
];
const OUTCOMES = { a: "declined", b: "approved", c: "error" } as const;

/** Letters are events of that rule; `fires`: whether the rule speaks at the last one. */
export type Edge = { name: string; ruleset: Ruleset; events: Event[]; fires: boolean };

let nth = 0;
function happen(rule: keyof typeof OUTCOMES, ts: number, fields: Partial<Event> = {}): Event {
  nth += 1;
  const always = { outcome: OUTCOMES[rule], ip: "203.0.113.9", currency: "EUR" };
  return anEvent(nth, 1_000_000 + ts, { ...always, amount: 10, card_token: `c${nth}`, ...fields });
}
const rulesFor = (body: string, kind = "correlation"): Ruleset =>
  rulesOf(...DETECTIONS, correlation("r", body, 3).replace("correlation:", `${kind}:`));

const COUNTS = [
  [
    "event_count",
    "{type: event_count, rules: [a], group-by: [ip], timespan: 2s, condition: {gte: 3}}",
  ],
  [
    "value_count",
    "{type: value_count, rules: [a], group-by: [ip], timespan: 2s, condition: {gte: 3, field: card_token}}",
  ],
  [
    "value_sum",
    "{type: value_sum, rules: [a], group-by: [ip], timespan: 2s, condition: {gte: 30, field: amount}}",
  ],
] as const;

/** So many things at once, or the first of three at the window's edge. */
const counting: Edge[] = COUNTS.flatMap(([type, body]) => {
  const ruleset = rulesFor(body);
  const many = [2, 3, 4].map((count) => ({
    name: `${type}: ${count} of 3`,
    ruleset,
    events: Array.from({ length: count }, (_, i) => happen("a", i)),
    fires: count >= 3,
  }));
  const aged = [T - 1, T, T + 1].map((age) => ({
    name: `${type}: the first ${age} ms old in a window of ${T}`,
    ruleset,
    events: [happen("a", 0), happen("a", age), happen("a", age)],
    fires: age <= T,
  }));
  return [...many, ...aged];
});

const COMPARES = [
  ["gt: 3", (n: number) => n > 3],
  ["gte: 3", (n: number) => n >= 3],
  ["gte: 1, lt: 3", (n: number) => n < 3],
  ["gte: 1, lte: 3", (n: number) => n <= 3],
  ["eq: 3", (n: number) => n === 3],
  ["gte: 1, neq: 3", (n: number) => n !== 3],
] as const;
const compared: Edge[] = COMPARES.flatMap(([condition, holds]) =>
  [2, 3, 4].map((count) => ({
    name: `event_count {${condition}}: ${count}`,
    ruleset: rulesFor(
      `{type: event_count, rules: [a], group-by: [ip], timespan: 2s, condition: {${condition}}}`,
    ),
    events: Array.from({ length: count }, () => happen("a", 0)),
    fires: holds(count),
  })),
);

const averages: Edge[] = (["value_avg", "value_percentile"] as const).flatMap((type) => {
  const more = type === "value_percentile" ? ", percentile: 50" : "";
  const ruleset = rulesFor(
    `{type: ${type}, rules: [a], group-by: [ip], timespan: 2s, condition: {gte: 20, field: amount${more}}}`,
  );
  const values = [19, 20, 21].map((amount) => ({
    name: `${type}: ${amount} of 20`,
    ruleset,
    events: [happen("a", 0, { amount }), happen("a", 1, { amount })],
    fires: amount >= 20,
  }));
  // The first lifts the middle while it is in the window.
  const aged = [T - 1, T, T + 1].map((age) => ({
    name: `${type}: the high one ${age} ms old in a window of ${T}`,
    ruleset,
    events: [happen("a", 0, { amount: 39 }), happen("a", age, { amount: 1 })],
    fires: age <= T,
  }));
  return [...values, ...aged];
});

const chains: Edge[] = (["temporal", "temporal_ordered"] as const).flatMap((type) => {
  const ruleset = rulesFor(`{type: ${type}, rules: [a, b], group-by: [ip], timespan: 2s}`);
  const aged = [T - 1, T, T + 1].map((age) => ({
    name: `${type}: a, then b ${age} ms later, in a window of ${T}`,
    ruleset,
    events: [happen("a", 0), happen("b", age)],
    fires: age <= T,
  }));
  const reversed = {
    name: `${type}: b before a`,
    ruleset,
    events: [happen("b", 0), happen("a", 1)],
  };
  return [...aged, { ...reversed, fires: type === "temporal" }];
});

const analytics: Edge[] = [
  ...[T - 1, T, T + 1].map((age) => ({
    name: `new_value: the value seen ${age} ms ago, in a history of ${T}`,
    ruleset: rulesFor(
      "{kind: new_value, rules: [a], group-by: [ip], field: card_token, history: 2s, min_support: 1}",
      "analytic",
    ),
    events: [
      happen("a", 0, { card_token: "x" }),
      happen("a", age - 1, { card_token: "y" }),
      happen("a", age, { card_token: "x" }),
    ],
    fires: age > T,
  })),
  ...[T - 1, T, T + 1].map((age) => ({
    name: `absence_before: expected ${age} ms before, in a history of ${T}`,
    ruleset: rulesFor(
      "{kind: absence_before, on: [a], expect: [b], match: {ip: ip}, history: 2s}",
      "analytic",
    ),
    events: [happen("b", 0), happen("a", age)],
    fires: age > T,
  })),
];

// Other engines' bug reports as rows; the numbers are those of the reports.
const three = rulesFor("{type: temporal_ordered, rules: [a, b, c], group-by: [ip], timespan: 2s}");
const others: Edge[] = [
  {
    name: "hayabusa 1810: a, c, b is no chain of three",
    ruleset: three,
    events: [happen("a", 0), happen("c", 1), happen("b", 2)],
    fires: false,
  },
  {
    name: "hayabusa 1811: a count spread wider than the window",
    ruleset: rulesFor(COUNTS[0][1]),
    events: [0, 1500, 3000, 4500].map((ts) => happen("a", ts)),
    fires: false,
  },
  {
    name: "hayabusa 1839: temporal rules met by different keys",
    ruleset: rulesFor("{type: temporal, rules: [a, b], group-by: [ip], timespan: 2s}"),
    events: [happen("a", 0, { ip: "x" }), happen("b", 1, { ip: "y" })],
    fires: false,
  },
  {
    name: "one event never takes two steps",
    ruleset: rulesFor("{type: temporal_ordered, rules: [a, b], group-by: [ip], timespan: 2s}"),
    events: [happen("a", 0)],
    fires: false,
  },
];

export const EDGES: readonly Edge[] = [
  ...counting,
  ...compared,
  ...averages,
  ...chains,
  ...analytics,
  ...others,
];
