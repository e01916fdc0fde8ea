// Random rules and random streams from a seed, for the proof that both engines and the brute force agree.
import fc from "fast-check";
import type { Event } from "../../../../core/event.ts";
import type { Ruleset } from "../../plan.ts";
import { loadRules } from "../../read/load.ts";
import { anEvent } from "./builders.ts";

const WORDS = [
  "Declined",
  "approved",
  "İx",
  "straße",
  "ΟΔΟΣ",
  "a%b",
  "c_d",
  "e\\f",
  "g'h",
  "😀 ok",
  "",
  "42",
];
const word = fc.constantFrom(...WORDS);
const CARDS = ["x", "y", "z", "ß", "42"];
const AMOUNTS = [-50, 0, 42, 70, 100, 250, 999_999_999_999, -999_999_999_999];

/** One line of a selection with fields of every kind and place in the table. */
const selectionLine = fc.oneof(
  word.map((value) => ({ reason: literally(value) })),
  fc
    .tuple(
      fc.constantFrom("contains", "startswith", "endswith"),
      fc.array(word, { minLength: 1, maxLength: 3 }),
    )
    .map(([how, values]) => ({ [`reason|${how}`]: values.map(literally) })),
  fc.tuple(word, word).map(([a, b]) => ({ reason: `*${literally(a)}*${literally(b)}?` })),
  word.map((value) => ({ "reason|cased": literally(value) })),
  fc.constantFrom<Record<string, unknown>>(
    { "reason|re": "^[a-z]+$" },
    { "reason|re|i": "DEC|ok$" },
    { "reason|re": "(?i)stra.e" },
    { "reason|re|s": "a.b" },
    { "ip|cidr": "203.0.113.0/30" },
    { "ip|cidr": ["198.51.100.0/24", "203.0.113.2/32"] },
    { "card_token|exists": true },
    { "card_token|exists": false },
    { card_token: null },
    { card_token: ["X", "y", "Z"] },
    { card_token: ["ß", "42"] },
    { entry_mode: "keyed" },
    { "entry_mode|neq": "keyed", "entry_mode|exists": true },
    { "amount|gte": 70 },
    { "amount|lt": 0 },
    { "amount|gt": 0, "amount|lte": 100 },
    { amount: [42, 100] },
    { "reason|fieldref": "card_token" },
    { "reason|fieldref|contains": "card_token" },
    { "ts_local|hour": [9, 10] },
    { "ts_local|minute|gte": 30 },
    { "ts_local|week": 48 },
    { outcome: "declined" },
    { outcome: "APPROVED" },
    { offline: true },
  ),
);

/** The text as a value that means just itself. */
function literally(text: string): string {
  return text.replace(/[\\*?]/g, "\\$&");
}

const selections = fc.record({
  a: fc.tuple(selectionLine, selectionLine).map(([one, two]) => ({ ...one, ...two })),
  b: fc.array(selectionLine, { minLength: 1, maxLength: 3 }),
  c: selectionLine,
  condition: fc.constantFrom(
    "a and not b or c",
    "1 of them",
    "not a and c or b",
    "not (a and b) and c",
    "b or (c and not a)",
    "all of them",
  ),
});

const fieldList = fc.constantFrom<string[]>(
  [],
  ["ip"],
  ["card_token"],
  ["ip", "card_token"],
  ["terminal_id"],
);
const span = fc.constantFrom("1s", "2s", "3s", "5s");
const comparisons = fc.constantFrom<Record<string, number>>(
  { gte: 2 },
  { gte: 3 },
  { gt: 1, lte: 4 },
  { eq: 2 },
  { gte: 1, neq: 2 },
);
const money = fc.constantFrom<Record<string, number>>(
  { gt: 100 },
  { lte: 42 },
  { gte: 0, lt: 300 },
  { lt: -10 },
);

const counting = fc.oneof(
  fc.tuple(comparisons, fieldList, span).map(([condition, group, timespan]) => ({
    type: "event_count",
    rules: ["d0", "d1"],
    "group-by": group,
    timespan,
    condition,
  })),
  fc
    .tuple(
      comparisons,
      fieldList,
      span,
      fc.constantFrom<unknown>("card_token", ["ip", "card_token"], "amount", "reason"),
    )
    .map(([condition, group, timespan, field]) => ({
      type: "value_count",
      rules: ["d0", "d2"],
      "group-by": group,
      timespan,
      condition: { ...condition, field },
    })),
  fc
    .tuple(money, fieldList, span, fc.constantFrom("value_sum", "value_avg"))
    .map(([condition, group, timespan, type]) => ({
      type,
      rules: ["d0", "d1"],
      "group-by": group,
      timespan,
      condition: { ...condition, field: "amount" },
    })),
  fc
    .tuple(money, fieldList, span, fc.constantFrom(0, 25, 50, 90, 100))
    .map(([condition, group, timespan, percentile]) => ({
      type: "value_percentile",
      rules: ["d0"],
      "group-by": group,
      timespan,
      condition: { ...condition, field: "amount", percentile },
    })),
);

const WHENS: readonly { rules: string[]; condition?: string }[] = [
  { rules: ["d1", "d2"] },
  { rules: ["d1", "d0", "d2"] },
  { rules: ["d1", "d2"], condition: "d1 and not d2" },
  { rules: ["d1", "d2", "d3"], condition: "d1 and d3 and not d2" },
];
const EITHER = [...WHENS, { rules: ["d1", "d2", "d3"], condition: "d1 or (d2 and not d3)" }];

const seen = fc.oneof(
  fc
    .tuple(fc.constantFrom(...EITHER), fieldList, span)
    .map(([when, group, timespan]) => ({ type: "temporal", ...when, "group-by": group, timespan })),
  fc.tuple(fc.constantFrom(...WHENS), fieldList, span).map(([when, group, timespan]) => ({
    type: "temporal_ordered",
    ...when,
    "group-by": group,
    timespan,
  })),
  span.map((timespan) => ({
    type: "temporal_ordered",
    rules: ["d1", "d2"],
    aliases: { who: { d1: "ip", d2: "card_token" } },
    "group-by": ["who"],
    timespan,
  })),
);

const chained = fc.oneof(
  fc
    .tuple(span, fc.constantFrom("temporal", "temporal_ordered"))
    .map(([timespan, type]) => ({ type, rules: ["inner", "d2"], "group-by": ["ip"], timespan })),
  fc.tuple(span, comparisons).map(([timespan, condition]) => ({
    type: "event_count",
    rules: ["inner"],
    "group-by": ["ip"],
    timespan,
    condition,
  })),
  fc.tuple(span, comparisons).map(([timespan, condition]) => ({
    type: "value_count",
    rules: ["inner"],
    timespan,
    condition: { ...condition, field: "ip" },
  })),
);

/** Four detections, an inner correlation and eight rules; the same seed gives the same. */
export function randomRules(seed: number): Ruleset {
  const pick = <T>(of: fc.Arbitrary<T>, nth: number): T =>
    fc.sample(of, { seed: seed * 1000 + nth, numRuns: 1 })[0] as T;
  let id = 0;
  const head = (name: string) => {
    id += 1;
    return { title: name, name, id: `00000000-0000-4000-8000-${String(id).padStart(12, "0")}` };
  };
  const documents: unknown[] = [0, 1, 2, 3].map((nth) => ({
    ...head(`d${nth}`),
    logsource: { product: "tillwatch" },
    detection:
      nth === 0
        ? { any: { "amount|exists": true }, condition: "any" }
        : { ...pick(selections, nth) },
  }));
  documents.push({
    ...head("inner"),
    correlation: {
      type: "event_count",
      rules: ["d0", "d1"],
      "group-by": ["ip"],
      timespan: "2s",
      condition: { gte: 2 },
    },
  });
  const bodies: ({ "group-by"?: string[] } & Record<string, unknown>)[] = [
    ...[10, 11, 12, 13].map((nth) => pick(counting, nth)),
    ...[20, 21].map((nth) => pick(seen, nth)),
    ...[30, 31].map((nth) => pick(chained, nth)),
  ];
  for (const [nth, { "group-by": group, ...body }] of bodies.entries()) {
    const correlation = group?.length === 0 ? body : { ...body, "group-by": group };
    documents.push({ ...head(`r${nth}`), ...OUTERMOST, correlation });
  }
  const text = documents.map((one) => JSON.stringify(one)).join("\n---\n");
  return loadRules([{ path: "t.yml", text }]);
}

const OUTERMOST = {
  description: "for tests",
  level: "low",
  tillwatch: {
    detection: "t",
    subject: { type: "merchant", field: "merchant_id" },
    tiers: [{ gte: 3, level: "high" }],
    explain: "{value}",
    do_now: ["look"],
    tests: ["positive", "negative"].map((kind) => ({
      name: kind,
      kind,
      events: [{ at: "0ms", event_type: "sale" }],
      expect: [],
    })),
  },
};

const ips = ["203.0.113.1", "203.0.113.2", "198.51.100.7", "::ffff:203.0.113.1", "nowhere"];

/** Few keys, a coarse clock from 0 on (ties and exact spans in most streams), absent fields, unicode, great and negative money. */
export const randomStream: fc.Arbitrary<Event[]> = fc
  .array(
    fc.record(
      {
        tick: fc.integer({ min: 0, max: 24 }),
        event_type: fc.constantFrom("payment", "payment", "refund", "void"),
        outcome: fc.constantFrom("declined", "approved", "DECLINED"),
        ip: fc.constantFrom(...ips),
        card_token: fc.constantFrom(...CARDS),
        terminal_id: fc.constantFrom("t1", "T1"),
        amount: fc.constantFrom(...AMOUNTS),
        currency: fc.constantFrom("EUR", "EUR", "JPY"),
        reason: fc.oneof(
          word,
          fc.tuple(word, word).map(([a, b]) => a + b),
          fc.constantFrom("a\nb", "x"),
        ),
        entry_mode: fc.constantFrom("keyed", "chip"),
        offline: fc.boolean(),
        ts_local: fc.constantFrom(
          "2026-11-25T10:00:00.000",
          "2026-11-29T09:31:00.000",
          "2027-01-03T23:59:59.999",
        ),
        training: fc.constantFrom(true, false, false, false),
      },
      { requiredKeys: ["tick"] },
    ),
    { minLength: 1, maxLength: 25 },
  )
  .map((list) =>
    // Ids that do not follow the time, so that ties are ordered by id and not by arrival.
    list.map(({ tick, ...fields }, i) =>
      anEvent((i * 7919) % 10_007, tick * 500, fields as Partial<Event>),
    ),
  );
