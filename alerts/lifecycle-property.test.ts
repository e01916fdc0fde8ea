// Whatever comes in whatever order: no alert is lost, none is in two states, and the counts add up.
import fc from "fast-check";
import { expect, it } from "vitest";
import { ALERT_STATES, type Alert } from "../core/alert.ts";
import { AppError } from "../core/errors.ts";
import { LEVELS } from "../core/level.ts";
import { type Input, next } from "./lifecycle.ts";
import { aFinding, anEvidence } from "./testing.ts";

const START = 1_764_000_000_000;
const HOUR = 3_600_000;
const SUBJECTS = ["card:a", "card:b", "cashier:c"] as const;

/** What may happen to one of three subjects after so many hours. */
const happening = fc.record({
  about: fc.nat(SUBJECTS.length - 1),
  hours: fc.integer({ min: 0, max: 30 }),
  what: fc.oneof(
    fc.record({ kind: fc.constant("finding" as const), level: fc.constantFrom(...LEVELS) }),
    fc.constantFrom(
      ...(["acknowledge", "start", "reopen", "wake"] as const).map((kind) => ({ kind })),
    ),
    fc.record({
      kind: fc.constant("resolve" as const),
      label: fc.constantFrom("fraud" as const, "not_fraud" as const, "unsure" as const),
    }),
    fc.record({ kind: fc.constant("snooze" as const), hours: fc.integer({ min: -1, max: 800 }) }),
  ),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function inputOf({ what, about }: Happening, now: number, serial: number): Input {
  switch (what.kind) {
    case "finding": {
      const id = `f${serial}`;
      const evidence = [anEvidence(id, { ts: now })];
      const subject = SUBJECTS[about] ?? "card:a";
      const over = { id, ts: now, level: what.level, subject, evidence, event_count: 1 };
      return { kind: "finding", cooldownMs: null, finding: aFinding(over) };
    }
    case "wake":
      return { kind: "wake" };
    case "resolve":
      return { kind: "resolve", by: "a", label: what.label, reason: null };
    case "snooze":
      return { kind: "snooze", by: "a", until: now + what.hours * HOUR, reason: "r" };
    default:
      return { kind: what.kind, by: "a" };
  }
}

/** Plays it as the worker does: each subject's newest alert is the one that is acted on. */
function play(happenings: readonly Happening[]) {
  const all = new Map<string, Alert>();
  const newest = new Map<number, Alert>();
  let now = START;
  let findings = 0;
  happenings.forEach((each, serial) => {
    now += each.hours * HOUR;
    const input = inputOf(each, now, serial);
    const before = newest.get(each.about);
    try {
      const { alert, say } = next(before, input, now);
      if (input.kind === "finding") findings += 1;
      if (before === undefined || alert.id !== before.id) {
        expect(input.kind).toBe("finding");
        expect(say).toBe("opened");
        expect(all.has(alert.id)).toBe(false);
      }
      check(alert, now);
      all.set(alert.id, alert);
      newest.set(each.about, alert);
    } catch (fault) {
      // A refused act leaves everything as it was; a finding is never refused.
      if (!(fault instanceof AppError)) throw fault;
      expect(input.kind).not.toBe("finding");
    }
  });
  return { all: [...all.values()], findings };
}

/** Exactly what belongs to its state is set. */
function check(alert: Alert, now: number): void {
  expect(ALERT_STATES).toContain(alert.state);
  expect(alert.label !== null).toBe(alert.state === "resolved");
  expect(alert.resolved_at !== null).toBe(alert.state === "resolved");
  for (const set of [alert.snoozed_until, alert.snoozed_by, alert.snooze_reason]) {
    expect(set !== null).toBe(alert.state === "snoozed");
  }
  if (alert.snoozed_until !== null) expect(alert.snoozed_until).toBeGreaterThan(now);
  if (alert.state === "acknowledged") expect(alert.acknowledged_at).not.toBeNull();
  if (alert.state === "in_progress") expect(alert.started_at).not.toBeNull();
  if (alert.state === "reopened") expect(alert.reopened_at).not.toBeNull();
  expect(alert.hidden_count).toBeLessThan(alert.finding_count);
}

it("no alert is lost, none is in two states, every finding is counted in exactly one alert", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const { all, findings } = play(happenings);
      expect(all.reduce((sum, alert) => sum + alert.finding_count, 0)).toBe(findings);
      expect(all.reduce((sum, alert) => sum + alert.event_count, 0)).toBe(findings);
    }),
    { numRuns: 1_000 },
  );
});

it("a snooze never hides a higher level, and what it hid is what came while it held", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...LEVELS), { maxLength: 30 }), (levels) => {
      const first = next(
        undefined,
        { kind: "finding", cooldownMs: null, finding: aFinding({ level: "medium" }) },
        START,
      ).alert;
      const until = START + 20 * HOUR;
      let alert = next(first, { kind: "snooze", by: "a", until, reason: "r" }, START).alert;
      let hidden = 0;
      for (const [n, level] of levels.entries()) {
        const finding = aFinding({ id: `s${n}`, level, evidence: [anEvidence(`s${n}`)] });
        const step = next(alert, { kind: "finding", cooldownMs: null, finding }, START + 1 + n);
        if (level === "high" || level === "critical") {
          expect(step.say).toBe(`escalated_${level}`);
          expect(step.alert.state).toBe("open");
          return;
        }
        hidden += 1;
        expect(step.say).toBeNull();
        expect(step.alert).toMatchObject({ state: "snoozed", hidden_count: hidden });
        alert = step.alert;
      }
      const woken = next(alert, { kind: "wake" }, until);
      expect(woken.say).toBe(hidden > 0 ? `woke_${until}` : null);
    }),
  );
});
