// The engine against the brute force, and against itself under everything that must not matter.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareEvents, type Event } from "../../../core/event.ts";
import type { Finding } from "../../../core/finding.ts";
import { createEngine, type Engine } from "../live/engine.ts";
import type { JudgedAgain } from "../live/judge-again.ts";
import type { CorrelationPlan } from "../plan.ts";
import { bruteForce } from "./brute-force.ts";
import { runEvents } from "./run-rule-tests.ts";
import { correlation, detection, essence, rulesOf, someEvents } from "./testing/builders.ts";

const DECLINED = detection("declined", "{event_type: payment, outcome: declined}", 0);
const ANY = detection("any_payment", "{event_type: payment}", 1);
const APPROVED = detection("approved", "{event_type: payment, outcome: approved}", 2);

const simple = rulesOf(
  DECLINED,
  ANY,
  APPROVED,
  correlation(
    "count_ip",
    "{type: event_count, rules: [declined], group-by: [ip], timespan: 2s, condition: {gte: 3}}",
    3,
  ),
  correlation(
    "count_all",
    "{type: event_count, rules: [declined, any_payment], timespan: 3s, condition: {gte: 4, lt: 7}}",
    4,
  ),
  correlation(
    "cards",
    "{type: value_count, rules: [any_payment], group-by: [ip], timespan: 2s, condition: {gt: 1, field: card_token}}",
    5,
  ),
  correlation(
    "pairs",
    "{type: value_count, rules: [any_payment], timespan: 2s, condition: {gte: 3, field: [ip, card_token]}}",
    6,
  ),
  correlation(
    "sum",
    "{type: value_sum, rules: [any_payment], group-by: [ip], timespan: 2s, condition: {gt: 200, field: amount}}",
    7,
  ),
  correlation(
    "avg",
    "{type: value_avg, rules: [any_payment], group-by: [ip], timespan: 2s, condition: {gte: 70, lt: 200, field: amount}}",
    12,
  ),
  correlation(
    "p90",
    "{type: value_percentile, rules: [any_payment], group-by: [ip], timespan: 3s, condition: {gt: 90, field: amount, percentile: 90}}",
    13,
  ),
);
const chained = rulesOf(
  DECLINED,
  ANY,
  APPROVED,
  `title: three
id: 00000000-0000-4000-8000-000000000099
name: three
correlation: {type: event_count, rules: [declined], group-by: [ip], timespan: 2s, condition: {gte: 2}}
`,
  correlation(
    "chain",
    "{type: temporal_ordered, rules: [three, approved], group-by: [ip], timespan: 3s}",
    8,
  ),
  correlation(
    "both",
    "{type: temporal, rules: [declined, approved], group-by: [card_token], timespan: 1s}",
    9,
  ),
  correlation(
    "ordered",
    "{type: temporal_ordered, rules: [declined, any_payment, approved], group-by: [ip], timespan: 2s}",
    10,
  ),
  correlation(
    "cards",
    "{type: value_count, rules: [any_payment], group-by: [ip], timespan: 2s, condition: {gt: 1, field: card_token}}",
    11,
  ),
  correlation(
    "not_after",
    "{type: temporal, rules: [declined, approved], group-by: [ip], timespan: 2s, condition: declined and not approved}",
    14,
  ),
  correlation(
    "either",
    "{type: temporal, rules: [three, approved, declined], group-by: [ip], timespan: 1s, condition: three or (approved and not declined)}",
    15,
  ),
  correlation(
    "clean_order",
    "{type: temporal_ordered, rules: [any_payment, declined, approved], group-by: [ip], timespan: 2s, condition: any_payment and approved and not declined}",
    16,
  ),
  correlation(
    "aliased",
    "{type: temporal_ordered, rules: [declined, approved], aliases: {who: {declined: ip, approved: card_token}}, group-by: [who], timespan: 2s}",
    17,
  ),
);
const analytic = (name: string, body: string, nth: number) =>
  correlation(name, body, nth).replace("correlation:", "analytic:");
const analytics = rulesOf(
  DECLINED,
  ANY,
  APPROVED,
  analytic(
    "share",
    "{kind: ratio, group-by: [ip], timespan: 2s, aggregates: {tried: {rules: [any_payment], count: true}, refused: {rules: [declined, approved], count: true}, cards: {rules: [any_payment], distinct: card_token}, money: {rules: [declined], sum: amount}}, condition: 'tried >= 2 and (refused * 100 >= tried * 60 or not money / cards < 50)'}",
    12,
  ),
  analytic(
    "new_card",
    "{kind: new_value, rules: [any_payment], group-by: [ip], field: card_token, history: 3s, min_support: 2}",
    13,
  ),
  analytic(
    "travel",
    "{kind: geo_velocity, rules: [any_payment, declined], group-by: [card_token], position: [lat, lon], timespan: 3s, min_distance_m: 100000, condition: {gt: 300000}}",
    14,
  ),
);
const settings = { merchantId: "m1", currency: "EUR" };
const engineFor = (rules: typeof simple): Engine => createEngine(rules, settings);
const visible = (events: readonly Event[]) => events.filter((event) => event.training !== true);

describe("brute force", () => {
  it("gives the same findings as the engine over random streams", () => {
    fc.assert(
      fc.property(someEvents, (events) => {
        for (const rules of [simple, chained, analytics]) {
          const got = runEvents(engineFor(rules), events).map(
            (f) => `${f.rule} ${JSON.stringify(f.group)} ${f.ts} ${f.value}`,
          );
          const roots = new Set(rules.rules.map((rule) => rule.name));
          const wanted = [...rules.plans.values()]
            .filter((plan): plan is CorrelationPlan => plan.kind === "correlation")
            .filter((plan) => roots.has(plan.name))
            .flatMap((plan) => bruteForce(rules, plan, visible(events)))
            .map((f) => `${f.rule} ${JSON.stringify(f.group)} ${f.ts} ${f.value}`);
          expect(got.sort()).toEqual(wanted.sort());
        }
      }),
      { numRuns: 2000 },
    );
  }, 120_000);

  it("agrees on temporal_ordered with all chains tried one by one", () => {
    const plan = chained.plans.get("ordered") as CorrelationPlan;
    fc.assert(
      fc.property(someEvents, (given) => {
        const events = visible(given).sort(compareEvents);
        const is = (event: Event, step: number) =>
          step === 1 || event.outcome?.toLowerCase() === (step === 0 ? "declined" : "approved");
        const chains = events.flatMap((last, k) =>
          events
            .slice(0, k)
            .flatMap((second, j) =>
              events.slice(0, j).map((first) => [first, second, last] as const),
            ),
        );
        const wanted = chains.filter(
          ([first, second, last]) =>
            [first, second, last].every((event, step) => is(event, step) && event.ip === last.ip) &&
            last.ip !== undefined &&
            last.ts - first.ts <= plan.spanMs,
        );
        const got = runEvents(engineFor(chained), given)
          .filter((f) => f.rule === "ordered")
          .map((f) => `${f.group.ip} ${f.ts}`);
        const expected = new Set(wanted.map(([, , last]) => `${last.ip} ${last.ts}`));
        expect(got.sort()).toEqual([...expected].sort());
      }),
      { numRuns: 1000 },
    );
  }, 60_000);
});

/** In order, but for the picked events, which come after everything up to a later instant was judged. */
function runWithLate(
  engine: Engine,
  events: readonly Event[],
  isLate: (i: number) => boolean,
): Finding[] {
  const found = new Map<string, Finding>();
  const keep = (findings: readonly Finding[]) => {
    for (const finding of findings) if (!found.has(finding.id)) found.set(finding.id, finding);
  };
  const sorted = [...events].sort(compareEvents);
  const late = sorted.filter((_, i) => isLate(i));
  keep(
    runEvents(
      engine,
      sorted.filter((_, i) => !isLate(i)),
    ),
  );
  const due = late.filter((event) => event.ts <= engine.instant());
  for (let i = 0; i < due.length; i += 2) {
    const { findings, needs, again } = engine.judgeLate(due.slice(i, i + 2));
    const held = [...findings, ...needs.flatMap((need) => engine.judgeHistory(need, sorted))];
    const stretches = [
      ...again,
      ...needs.flatMap(({ groups, rule }) => groups.map((group) => ({ ...group, rule }))),
    ];
    withdraw(found, stretches, new Set(held.map(({ id }) => id)));
    keep(held);
  }
  keep(
    runEvents(
      engine,
      late.filter((event) => event.ts > engine.instant()),
    ),
  );
  return [...found.values()];
}

/** What stands in a stretch that was judged again and was not found again goes (R18). */
function withdraw(
  found: Map<string, Finding>,
  stretches: readonly Pick<JudgedAgain, "rule" | "values" | "fromTs" | "toTs">[],
  held: ReadonlySet<string>,
): void {
  const key = (values: Readonly<Record<string, string>>) =>
    JSON.stringify(Object.entries(values).sort());
  for (const { rule, values, fromTs, toTs } of stretches) {
    for (const [id, one] of found) {
      const inside = one.rule === rule && one.ts >= fromTs && one.ts <= toTs;
      if (inside && key(one.group) === key(values) && !held.has(id)) found.delete(id);
    }
  }
}

/** Takes instants without a word. */
function silent(engine: Engine): Pick<Engine, "step"> {
  return {
    step(instant) {
      engine.absorb(instant);
      return [];
    },
  };
}

describe("what must not matter", () => {
  const names = ["plain", "chained", "analytic"];
  const monotone = [simple, chained, analytics].map((rules, i) => ({ rules, name: names[i] }));

  it.each(monotone)(
    "late arrival ($name): the same findings as in order",
    ({ rules }) => {
      fc.assert(
        fc.property(someEvents, fc.infiniteStream(fc.boolean()), (events, coins) => {
          const late = new Map(events.map((_, i) => [i, coins.next().value === true]));
          // A finding that stands keeps the value that it was told with.
          const only = (list: readonly Finding[]) =>
            essence(list).map((line) => line.replace(/ [^ ]* [^ ]* [^ ]*$/, ""));
          const inOrder = only(runEvents(engineFor(rules), events));
          const outOfOrder = only(
            runWithLate(engineFor(rules), events, (i) => late.get(i) === true),
          );
          expect(outOfOrder).toEqual(inOrder);
        }),
        { numRuns: 1500 },
      );
    },
    60_000,
  );

  it("a sent-again event changes nothing", () => {
    fc.assert(
      fc.property(someEvents, (events) => {
        const twice = events.flatMap((event) => [event, { ...event }]);
        expect(essence(runEvents(engineFor(simple), twice))).toEqual(
          essence(runEvents(engineFor(simple), events)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("all times shifted by the same span", () => {
    fc.assert(
      fc.property(someEvents, (events) => {
        const later = events.map((event) => ({ ...event, ts: event.ts + 86_400_123 }));
        const back = runEvents(engineFor(simple), later).map((f) => ({
          ...f,
          ts: f.ts - 86_400_123,
        }));
        expect(essence(back)).toEqual(essence(runEvents(engineFor(simple), events)));
      }),
      { numRuns: 300 },
    );
  });

  it.each(monotone)("cut at any event, windows filled again in silence ($name)", ({ rules }) => {
    fc.assert(
      fc.property(someEvents, fc.nat(30), (events, at) => {
        const sorted = [...events].sort(compareEvents);
        const cutTs = sorted[Math.min(at, sorted.length - 1)]?.ts ?? 0;
        const first = engineFor(rules);
        const before = runEvents(
          first,
          sorted.filter((event) => event.ts <= cutTs),
        );
        const second = engineFor(rules);
        runEvents(
          silent(second),
          sorted.filter((event) => event.ts <= cutTs),
        );
        const after = runEvents(
          second,
          sorted.filter((event) => event.ts > cutTs),
        );
        expect(essence([...before, ...after])).toEqual(
          essence(runEvents(engineFor(rules), events)),
        );
      }),
      { numRuns: 500 },
    );
  });
});
