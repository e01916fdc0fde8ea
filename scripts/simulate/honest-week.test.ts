import { describe, expect, it } from "vitest";
import type { Event } from "../../core/event.ts";
import type { Finding } from "../../core/finding.ts";
import { loadCatalogue } from "../../detectors/catalogue.ts";
import { createEngine } from "../../detectors/engine/live/engine.ts";
import { maskDraft } from "../../ingest/steps/mask-card-data.ts";
import { ATTACKS } from "./attacks.ts";
import { threeStoreChain } from "./chain.ts";
import { simulateHistory } from "./history.ts";
import type { SimulatedEvent } from "./recorder.ts";

const DAY_MS = 86_400_000;
const fromMs = Date.UTC(2026, 10, 2);
const shop = threeStoreChain("honest");
const week = { seed: 11, shop, fromMs, toMs: fromMs + 7 * DAY_MS };

const ruleset = loadCatalogue();
const detections = new Set(ruleset.rules.map(({ detection }) => detection));

/** What the door makes of a draft: masked, with a report of card data where there was some. */
function throughTheDoor({ draft }: SimulatedEvent): Event[] {
  const always = { merchant_id: "m", source: "demo", received_ts: draft.ts };
  const copy = structuredClone(draft);
  const [found] = maskDraft(copy);
  const event: Event = { ...copy, ...always };
  if (found === undefined) return [event];
  const { ts, store_id, terminal_id, cashier_id } = draft;
  const place = { store_id, terminal_id, cashier_id };
  return [
    event,
    {
      ...always,
      ...(JSON.parse(JSON.stringify(place)) as typeof place),
      event_type: "card_data_found",
      event_id: `${draft.event_id}.card`,
      ts,
      found_kind: found.kind,
      in_event_type: draft.event_type,
      in_field: found.field,
    },
  ];
}

/** Judges a stream with every rule of the catalogue. */
function judge(stream: Iterable<SimulatedEvent>): Finding[] {
  const faults: string[] = [];
  const engine = createEngine(ruleset, {
    merchantId: "m",
    currency: shop.currency,
    lists: (list, value) => ATTACKS.some(({ lists }) => lists?.[list]?.includes(value) === true),
    onFault: (rule, error) => faults.push(`${rule}: ${String(error)}`),
  });
  const findings: Finding[] = [];
  let instant: Event[] = [];
  const step = () => {
    if (instant.length > 0) findings.push(...engine.step(instant));
    instant = [];
  };
  for (const simulated of stream) {
    if (instant[0] !== undefined && instant[0].ts !== simulated.draft.ts) step();
    instant.push(...throughTheDoor(simulated));
  }
  step();
  expect(faults).toEqual([]);
  return findings;
}

/** How many alerts a person would see: findings of one rule and subject within a day are one. */
function countAlerts(findings: readonly Finding[]): Map<string, number> {
  const last = new Map<string, number>();
  const alerts = new Map<string, number>();
  for (const { rule, subject, ts } of findings) {
    const key = `${rule} ${subject}`;
    if (ts - (last.get(key) ?? Number.NEGATIVE_INFINITY) > DAY_MS) {
      alerts.set(rule, (alerts.get(rule) ?? 0) + 1);
    }
    last.set(key, ts);
  }
  return alerts;
}

describe.each([11, 12])("every rule on an honest week of a three-shop chain, seed %i", (seed) => {
  const findings = judge(simulateHistory({ ...week, seed }));

  it("raises no high or critical alert, and at most three others per shop, counted and printed", () => {
    const alerts = countAlerts(findings);
    const lines = ruleset.rules
      .map(({ name }) => `${String(alerts.get(name) ?? 0).padStart(5)}  ${name}`)
      .sort()
      .reverse();
    const total = [...alerts.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(
      `${total} false alerts in an honest week of three shops (seed ${seed}), by rule:\n${lines.join("\n")}\n`,
    );
    expect(total).toBeLessThanOrEqual(3 * shop.stores.length);
    const serious = findings.filter(({ level }) => level === "high" || level === "critical");
    expect(
      serious.map(({ rule, subject, explanation }) => `${rule} ${subject}: ${explanation}`),
    ).toEqual([]);
  });
});

describe("every rule on its scenario", () => {
  const idsOf = (slow: boolean) =>
    ATTACKS.filter(({ minDays }) => (minDays !== undefined) === slow).map(({ id }) => id);
  const events = [...simulateHistory({ ...week, attacks: idsOf(false) })];
  // What is usual takes weeks to learn.
  const month = { ...week, toMs: fromMs + 26 * DAY_MS, attacks: idsOf(true) };
  const longer = [...simulateHistory(month)];
  /** Ids are unique within one stream only. */
  const found = [events, longer].flatMap((stream) => {
    const labels = new Map(
      stream.flatMap(({ draft, label }) =>
        label === undefined ? [] : [[draft.event_id, label.attack]],
      ),
    );
    return judge(stream).map(({ rule, detection, evidence }) => {
      const attacks = evidence.flatMap(
        ({ event_id }) => labels.get(event_id.replace(/\.card$/, "")) ?? [],
      );
      return { rule, detection, attacks };
    });
  });
  const covered = ATTACKS.filter(({ detection }) => detections.has(detection));

  it.each(covered)("$id is found as $detection", ({ id, detection }) => {
    const hits = found.filter((finding) => finding.detection === detection);
    expect(hits.some(({ attacks }) => attacks.includes(id))).toBe(true);
  });

  it("every rule has a scenario that makes it fire", () => {
    const fired = new Set(
      found.filter(({ attacks }) => attacks.length > 0).map(({ rule }) => rule),
    );
    expect(ruleset.rules.map(({ name }) => name).filter((name) => !fired.has(name))).toEqual([]);
  });
});
