import { describe, expect, it } from "vitest";
import { ALERT_STATES, type Alert, type AlertState, MOST_SNOOZE_MS } from "../core/alert.ts";
import { ACTS, type Input, next, type Step } from "./lifecycle.ts";
import { aFinding, anEvidence } from "./testing.ts";

const NOW = 1_764_000_000_000;
const HOUR = 3_600_000;
const opened = next(
  undefined,
  { kind: "finding", finding: aFinding(), cooldownMs: null },
  NOW,
).alert;
const acknowledged = next(opened, { kind: "acknowledge", by: "account:owner" }, NOW + 1).alert;
const resolved = (label: "fraud" | "not_fraud" | "unsure"): Alert =>
  next(opened, { kind: "resolve", by: "account:owner", label, reason: "looked" }, NOW + 2).alert;

const DAY = 24 * HOUR;
const snooze = (until: number): Input => ({ kind: "snooze", by: "a", until, reason: "till test" });
const started = next(opened, { kind: "start", by: "account:owner" }, NOW + 1).alert;
const snoozed = next(opened, snooze(NOW + 5 * DAY), NOW + 1).alert;
const reopened = next(resolved("fraud"), { kind: "reopen", by: "b" }, NOW + 3).alert;

const more = (over: Parameters<typeof aFinding>[0] = {}): Input => ({
  kind: "finding",
  cooldownMs: null,
  finding: aFinding({
    id: "f2",
    ts: opened.first_ts + HOUR,
    evidence: [anEvidence("x1", { ts: opened.first_ts + HOUR, amount: 500 })],
    event_count: 1,
    amount: 500,
    ...over,
  }),
});
const rising = more({ level: "critical" });

describe("next", () => {
  it.each<{
    name: string;
    given: Alert | undefined;
    input: Input;
    say: Step["say"];
    expected: object;
    anew?: true;
  }>([
    {
      name: "a first finding opens",
      given: undefined,
      input: more(),
      say: "opened",
      expected: { state: "open", finding_count: 1 },
      anew: true,
    },
    {
      name: "a second one adds to an open alert in silence",
      given: opened,
      input: more(),
      say: null,
      expected: { state: "open", finding_count: 2 },
    },
    {
      name: "a withdrawal of all closes an open alert without a label, and is told",
      given: opened,
      input: { kind: "withdrawn", standing: 0 },
      say: "withdrawn",
      expected: { state: "resolved", label: null, resolved_by: "service", finding_count: 0 },
    },
    {
      name: "a withdrawal of some leaves the others, in silence",
      given: next(opened, more(), NOW).alert,
      input: { kind: "withdrawn", standing: 1 },
      say: null,
      expected: { state: "open", finding_count: 1 },
    },
    {
      name: "a person's verdict stays, whatever is withdrawn",
      given: resolved("fraud"),
      input: { kind: "withdrawn", standing: 0 },
      say: null,
      expected: { state: "resolved", label: "fraud", finding_count: 1 },
    },
    {
      name: "a second one adds to an acknowledged alert in silence",
      given: acknowledged,
      input: more(),
      say: null,
      expected: { state: "acknowledged", finding_count: 2 },
    },
    {
      name: "a higher level escalates",
      given: opened,
      input: rising,
      say: "escalated_critical",
      expected: { state: "open", level: "critical" },
    },
    {
      name: "a higher level opens an acknowledged alert again",
      given: acknowledged,
      input: rising,
      say: "escalated_critical",
      expected: { state: "open", level: "critical" },
    },
    {
      name: "a lower level adds, and the level stays",
      given: opened,
      input: more({ level: "low" }),
      say: null,
      expected: { level: "high" },
    },
    {
      name: "after fraud more of the same is a new alert",
      given: resolved("fraud"),
      input: more(),
      say: "opened",
      expected: { state: "open", finding_count: 1 },
      anew: true,
    },
    {
      name: "after unsure more of the same is a new alert",
      given: resolved("unsure"),
      input: more(),
      say: "opened",
      expected: { state: "open" },
      anew: true,
    },
    {
      name: "after not fraud more of the same is counted in silence",
      given: resolved("not_fraud"),
      input: more(),
      say: null,
      expected: { state: "resolved", finding_count: 2, label: "not_fraud" },
    },
    {
      name: "after not fraud a higher level is a new alert",
      given: resolved("not_fraud"),
      input: rising,
      say: "opened",
      expected: { state: "open", level: "critical" },
      anew: true,
    },
    {
      name: "an open alert is acknowledged",
      given: opened,
      input: { kind: "acknowledge", by: "a" },
      say: null,
      expected: { state: "acknowledged", acknowledged_by: "a", acknowledged_at: NOW },
    },
    {
      name: "an open alert is resolved",
      given: opened,
      input: { kind: "resolve", by: "a", label: "fraud", reason: "r" },
      say: null,
      expected: {
        state: "resolved",
        label: "fraud",
        reason: "r",
        resolved_by: "a",
        resolved_at: NOW,
      },
    },
    {
      name: "an acknowledged alert is resolved",
      given: acknowledged,
      input: { kind: "resolve", by: "a", label: "unsure", reason: null },
      say: null,
      expected: { state: "resolved", label: "unsure", acknowledged_by: "account:owner" },
    },
    {
      name: "a higher level opens an alert that somebody works on again",
      given: started,
      input: rising,
      say: "escalated_critical",
      expected: { state: "open", level: "critical", started_by: "account:owner" },
    },
    {
      name: "more of the same leaves work in progress alone",
      given: started,
      input: more(),
      say: null,
      expected: { state: "in_progress", finding_count: 2, hidden_count: 0 },
    },
    {
      name: "a snooze hides more of the same, and counts it",
      given: snoozed,
      input: more(),
      say: null,
      expected: { state: "snoozed", finding_count: 2, hidden_count: 1 },
    },
    {
      name: "a snooze holds beyond the cool-down",
      given: snoozed,
      input: more({ ts: opened.first_ts + 3 * DAY }),
      say: null,
      expected: { state: "snoozed", finding_count: 2, hidden_count: 1 },
    },
    {
      name: "a higher level ends a snooze",
      given: snoozed,
      input: rising,
      say: "escalated_critical",
      expected: { state: "open", level: "critical", snoozed_until: null, hidden_count: 0 },
    },
    {
      name: "a snooze is not over before its time",
      given: snoozed,
      input: { kind: "wake" },
      say: null,
      expected: { state: "snoozed" },
    },
    {
      name: "a snooze that hid nothing ends in silence",
      given: next(opened, snooze(NOW), NOW - 1).alert,
      input: { kind: "wake" },
      say: null,
      expected: { state: "open", snoozed_until: null, snooze_reason: null },
    },
    {
      name: "a snooze that hid something says so when it is over",
      given: next(next(opened, snooze(NOW), NOW - 2).alert, more(), NOW - 1).alert,
      input: { kind: "wake" },
      say: `woke_${NOW}`,
      expected: { state: "open", hidden_count: 1, finding_count: 2 },
    },
    {
      name: "a finding after the snooze is told, with what the snooze hid",
      given: next(next(opened, snooze(NOW), NOW - 2).alert, more(), NOW - 1).alert,
      input: more({ id: "f3" }),
      say: `woke_${NOW}`,
      expected: { state: "open", hidden_count: 1, finding_count: 3 },
    },
    {
      name: "a second snooze keeps the count, and takes the new expiry",
      given: next(snoozed, more(), NOW + 2).alert,
      input: snooze(NOW + DAY),
      say: null,
      expected: { state: "snoozed", snoozed_until: NOW + DAY, hidden_count: 1 },
    },
    {
      name: "a withdrawal of all ends a snooze",
      given: snoozed,
      input: { kind: "withdrawn", standing: 0 },
      say: "withdrawn",
      expected: { state: "resolved", snoozed_until: null },
    },
    {
      name: "a reopened alert is undecided",
      given: resolved("fraud"),
      input: { kind: "reopen", by: "b" },
      say: null,
      expected: {
        state: "reopened",
        label: null,
        reason: null,
        resolved_at: null,
        reopened_at: NOW,
      },
    },
    {
      name: "more of the same adds to a reopened alert",
      given: reopened,
      input: more(),
      say: null,
      expected: { state: "reopened", finding_count: 2 },
    },
    {
      name: "a higher level on a reopened alert is told",
      given: reopened,
      input: rising,
      say: "escalated_critical",
      expected: { state: "reopened", level: "critical" },
    },
    {
      name: "a verdict can be corrected",
      given: resolved("fraud"),
      input: { kind: "resolve", by: "b", label: "not_fraud", reason: "till test" },
      say: null,
      expected: { label: "not_fraud", resolved_by: "b" },
    },
  ])("$name", ({ given, input, say, expected, anew }) => {
    const step = next(given, input, NOW);
    expect(step.say).toBe(say);
    expect(step.alert).toMatchObject(expected);
    if (given !== undefined) expect(step.alert.id === given.id).toBe(anew !== true);
  });

  it.each<{ name: string; given: Alert | undefined; input: Input; code: string }>([
    {
      name: "no alert, acknowledge",
      given: undefined,
      input: { kind: "acknowledge", by: "a" },
      code: "NOT_FOUND",
    },
    {
      name: "no alert, resolve",
      given: undefined,
      input: { kind: "resolve", by: "a", label: "fraud", reason: null },
      code: "NOT_FOUND",
    },
    {
      name: "acknowledged twice",
      given: acknowledged,
      input: { kind: "acknowledge", by: "b" },
      code: "CONFLICT",
    },
    {
      name: "acknowledged after it was resolved",
      given: resolved("fraud"),
      input: { kind: "acknowledge", by: "b" },
      code: "CONFLICT",
    },
    {
      name: "the same verdict twice",
      given: resolved("fraud"),
      input: { kind: "resolve", by: "b", label: "fraud", reason: null },
      code: "CONFLICT",
    },
  ])("refuses: $name -> $code", ({ given, input, code }) => {
    expect(() => next(given, input, NOW)).toThrow(expect.objectContaining({ code }));
  });

  const each: Record<AlertState, Alert> = {
    ...{ open: opened, acknowledged, in_progress: started, snoozed, reopened },
    resolved: resolved("fraud"),
  };
  const acts: Record<keyof typeof ACTS, Input> = {
    acknowledge: { kind: "acknowledge", by: "b" },
    start: { kind: "start", by: "b" },
    snooze: snooze(NOW + DAY),
    resolve: { kind: "resolve", by: "b", label: "unsure", reason: null },
    reopen: { kind: "reopen", by: "b" },
  };
  const pairs = ALERT_STATES.flatMap((state) =>
    (Object.keys(acts) as (keyof typeof ACTS)[]).map((act) => ({ state, act })),
  );
  // Spelled out a second time, so that a slip in the table is seen.
  const ALLOWED: Record<AlertState, string> = {
    open: "acknowledge start snooze resolve",
    acknowledged: "start snooze resolve",
    in_progress: "snooze resolve",
    snoozed: "acknowledge start snooze resolve",
    reopened: "acknowledge start snooze resolve",
    resolved: "resolve reopen",
  };
  it.each(pairs)("$state, $act: allowed and in the table's state, or refused", ({ state, act }) => {
    if (ALLOWED[state].split(" ").includes(act)) {
      const { alert, say } = next(each[state], acts[act], NOW);
      expect(alert.state).toBe(ACTS[act].to);
      expect(say).toBeNull();
      expect(alert.finding_count).toBe(each[state].finding_count);
    } else {
      const refusal = expect.objectContaining({ code: "CONFLICT" });
      expect(() => next(each[state], acts[act], NOW)).toThrow(refusal);
    }
  });

  it.each([
    ["now", NOW],
    ["a millisecond beyond 30 days", NOW + MOST_SNOOZE_MS + 1],
    ["no time at all", Number.NaN],
  ])("a snooze until %s is refused", (_, until) => {
    const refusal = expect.objectContaining({ code: "REQUEST_INVALID" });
    expect(() => next(opened, snooze(until), NOW)).toThrow(refusal);
  });

  it("events that a later finding repeats are counted once, with their money", () => {
    const first = aFinding({
      evidence: [anEvidence("a", { amount: 100 }), anEvidence("b", { amount: 200 })],
      event_count: 2,
      amount: 300,
      value: 2,
    });
    const again = aFinding({
      id: "f2",
      evidence: [
        anEvidence("b", { amount: 200 }),
        anEvidence("c", { amount: 50, ts: first.ts + 5 }),
      ],
      event_count: 2,
      amount: 250,
      value: 2,
    });
    const one = next(undefined, { kind: "finding", finding: first, cooldownMs: null }, NOW).alert;
    const two = next(one, { kind: "finding", finding: again, cooldownMs: null }, NOW).alert;
    expect(two).toMatchObject({ event_count: 3, amount: 350, finding_count: 2 });
    expect(two.evidence.map((e) => e.event_id)).toEqual(["a", "b", "c"]);
  });

  it("money in another currency is not added", () => {
    const two = next(opened, more({ amount: 9, currency: "USD" }), NOW).alert;
    expect(two).toMatchObject({ amount: opened.amount, currency: "EUR" });
  });

  it("evidence is cut at twenty, the newest stay, and the count goes on", () => {
    let alert = opened;
    for (let n = 0; n < 30; n += 1) {
      const at = opened.first_ts + 1000 + n;
      alert = next(
        alert,
        more({ id: `g${n}`, ts: at, evidence: [anEvidence(`n${n}`, { ts: at })] }),
        NOW,
      ).alert;
    }
    expect(alert.evidence).toHaveLength(20);
    expect(alert.evidence.at(-1)?.event_id).toBe("n29");
    expect(alert.event_count).toBe(opened.event_count + 30);
  });

  it("the words shown are those of the strongest finding", () => {
    const weaker = next(opened, more({ value: 1, explanation: "weaker" }), NOW).alert;
    expect(weaker.explanation).toBe(opened.explanation);
    const stronger = next(opened, more({ value: 99, explanation: "stronger" }), NOW).alert;
    expect(stronger.explanation).toBe("stronger");
  });

  it("a till that differs between findings is no longer the alert's", () => {
    expect(next(opened, more({ terminal_id: "till-9" }), NOW).alert).toMatchObject({
      terminal_id: null,
      store_id: opened.store_id,
    });
  });

  it("the same finding opens the same alert id, whoever takes it", () => {
    expect(next(undefined, more(), NOW).alert.id).toBe(next(undefined, more(), NOW + 99).alert.id);
  });
});

it.each([
  { name: "the last millisecond", after: 24 * HOUR - 1, cooldownMs: null, adds: true },
  { name: "24 hours", after: 24 * HOUR, cooldownMs: null, adds: false },
  { name: "a late finding before the first", after: -HOUR, cooldownMs: null, adds: true },
  { name: "the rule's own hour is over", after: HOUR, cooldownMs: HOUR, adds: false },
])("cool-down: $name -> adds $adds", ({ after, cooldownMs, adds }) => {
  const finding = aFinding({ id: "f9", ts: opened.first_ts + after });
  for (const alert of [opened, acknowledged, resolved("not_fraud")]) {
    const step = next(alert, { kind: "finding", finding, cooldownMs }, NOW);
    expect(step.alert.id === alert.id).toBe(adds);
    expect(step.say).toBe(adds ? null : "opened");
  }
});
