// Builders for the engine's tests.
import fc from "fast-check";
import type { Event } from "../../../../core/event.ts";
import type { Finding } from "../../../../core/finding.ts";
import type { Ruleset } from "../../plan.ts";
import { loadRules } from "../../read/load.ts";

const UUIDS = Array.from(
  { length: 20 },
  (_, i) => `00000000-0000-4000-8000-0000000000${String(i).padStart(2, "0")}`,
);

/** A detection document. */
export function detection(name: string, selection: string, nth: number): string {
  return `title: ${name}
id: ${UUIDS[nth]}
name: ${name}
logsource: {product: tillwatch}
detection:
    selection: ${selection}
    condition: selection
`;
}

/** A correlation that makes findings, in a file named t.yml. */
export function correlation(name: string, body: string, nth: number): string {
  return `title: ${name}
id: ${UUIDS[nth]}
name: ${name}
description: for tests
level: medium
correlation: ${body}
${OPERATIONS}`;
}

const OPERATIONS = `tillwatch:
    detection: t
    subject: {type: merchant, field: merchant_id}
    explain: '{value}'
    do_now: [look]
    tests:
        - {name: p, kind: positive, events: [{at: 0ms, event_type: sale}], expect: []}
        - {name: n, kind: negative, events: [{at: 0ms, event_type: sale}], expect: []}
`;

export function rulesOf(...documents: string[]): Ruleset {
  return loadRules([{ path: "t.yml", text: documents.join("---\n") }]);
}

export function anEvent(id: number, ts: number, fields: Partial<Event>): Event {
  const event_id = `e${String(id).padStart(5, "0")}`;
  return {
    event_id,
    merchant_id: "m1",
    source: "api",
    ts,
    received_ts: ts,
    event_type: "payment",
    ...fields,
  } as Event;
}

/** What two runs must agree on. */
export const essence = (findings: readonly Finding[]): string[] =>
  findings
    .map((f) => `${f.rule} ${JSON.stringify(f.group)} ${f.ts} ${f.value} ${f.level} ${f.amount}`)
    .sort();

/** Few keys, a coarse clock (ties and exact spans in most cases), missing keys, negative and zero money, two currencies. */
export const someEvents = fc
  .array(
    fc.record({
      tick: fc.integer({ min: 0, max: 40 }),
      outcome: fc.constantFrom("declined", "approved", "DECLINED"),
      ip: fc.constantFrom("a", "b", undefined),
      card_token: fc.constantFrom("x", "y", "z", "ß", undefined),
      amount: fc.constantFrom(-50, 0, 70, 100, 250, undefined),
      currency: fc.constantFrom("EUR", "JPY"),
      lat: fc.constantFrom(0, 0, 51.5, undefined),
      lon: fc.constantFrom(0, 1, -0.12, undefined),
      training: fc.constantFrom(undefined, undefined, undefined, true),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((list) =>
    list.map(({ tick, ...fields }, i) => {
      const present = Object.entries(fields).filter(([, value]) => value !== undefined);
      // Ids that do not follow the time, so that ties are ordered by id and not by arrival.
      return anEvent((i * 7919) % 10_007, 1000 + tick * 500, Object.fromEntries(present));
    }),
  );
