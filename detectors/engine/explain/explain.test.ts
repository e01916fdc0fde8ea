// Explanations hold: every leaf's truth is the condition's truth, and every claimed change really keeps the finding silent.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../../core/event.ts";
import { loadCatalogue } from "../../catalogue.ts";
import { anEvent, correlation, detection, rulesOf, someEvents } from "../proof/testing/builders.ts";
import { counterfactual, findingsOf } from "./counterfactual.ts";
import { type Truth, whyEvent } from "./why.ts";
import { whyText } from "./words.ts";

const settings = { merchantId: "m1", currency: "EUR" };
const ruleset = rulesOf(
  detection("declined", "{event_type: payment, outcome: declined}", 0),
  detection("any_payment", "{event_type: payment}", 1),
  correlation(
    "count_ip",
    "{type: event_count, rules: [declined], group-by: [ip], timespan: 2s, condition: {gte: 2}}",
    3,
  ),
  correlation(
    "cards",
    "{type: value_count, rules: [any_payment], group-by: [ip], timespan: 2s, condition: {gt: 1, field: card_token}}",
    5,
  ),
  correlation(
    "ordered",
    "{type: temporal_ordered, rules: [declined, any_payment], group-by: [ip], timespan: 2s}",
    6,
  ),
);
const visible = (events: readonly Event[]) => events.filter((event) => event.training !== true);

/** What the tree itself says, from its leaves. */
function recomputed(truth: Truth): boolean {
  if (truth.kind === "leaf" || truth.kind === "keyword") return truth.holds;
  const parts = truth.of.map(recomputed);
  if (truth.kind === "not") return !parts[0];
  return truth.kind === "and" ? parts.every(Boolean) : parts.some(Boolean);
}

describe("why an event counts", () => {
  const rules = loadCatalogue();

  it("a tree agrees with its own leaves, for every rule of the catalogue", () => {
    fc.assert(
      fc.property(someEvents, fc.constantFrom(...rules.rules), (events, { name }) => {
        for (const event of events.slice(0, 5)) {
          for (const { truth } of whyEvent(rules, name, event, settings).detections) {
            expect(recomputed(truth)).toBe(truth.holds);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("names the leaf that fails, the value seen, and the group field that is absent", () => {
    const event = anEvent(1, 1000, { outcome: "approved" });
    const text = whyText(whyEvent(ruleset, "count_ip", event, settings));
    expect(text).toContain("the event does not count");
    expect(text).toContain('no  outcome is "declined" (seen: "approved")');
    expect(text).toContain("group field ip is absent");
  });

  it("tells when the event never came to the condition", () => {
    const training = anEvent(1, 1000, { outcome: "declined", ip: "a", training: true });
    expect(whyText(whyEvent(ruleset, "count_ip", training, settings))).toContain("training mode");
    const other = { ...training, training: false, event_type: "sale" } as Event;
    const { detections } = whyEvent(rules, "card_testing_by_ip", other, settings);
    expect(detections[0]?.routed).toContain("this is sale");
  });
});

describe("what would have kept it silent", () => {
  it.each(["count_ip", "cards", "ordered"])(
    "%s: each change is true, and one less is not",
    (rule) => {
      let changes = 0;
      fc.assert(
        fc.property(someEvents, (given) => {
          const events = visible(given);
          const finding = findingsOf(ruleset, rule, events, settings)[0];
          if (finding === undefined) return;
          const change = counterfactual(ruleset, finding, events, settings);
          const before = events.filter(({ ts }) => ts <= finding.ts);
          const fires = (changed: readonly Event[]) =>
            findingsOf(ruleset, rule, changed, settings).some(
              (one) => one.group.ip === finding.group.ip && one.ts >= finding.ts,
            );
          const without = (count: number) => {
            const left = new Set(change.events.slice(0, count));
            return before.filter((event) => !left.has(event));
          };
          if (change.fewer !== null) {
            changes += 1;
            expect(fires(without(change.fewer))).toBe(false);
            expect(fires(without(change.fewer - 1))).toBe(true);
          }
          if (change.laterMs !== null) {
            const newest = change.events.at(-1);
            const moved = before.map((event) =>
              event === newest ? { ...event, ts: event.ts + (change.laterMs ?? 0) } : event,
            );
            expect(fires(moved)).toBe(false);
          }
        }),
        { numRuns: 500 },
      );
      expect(changes).toBeGreaterThan(20);
    },
  );
});
