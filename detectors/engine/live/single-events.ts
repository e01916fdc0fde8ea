// Rules over single events: one finding per rule and subject at an instant, with all its events.
import type { Event } from "../../../core/event.ts";
import { fieldOf } from "../../../core/event.ts";
import type { Finding } from "../../../core/finding.ts";
import type { Live } from "./compile.ts";
import { guarded, type Run } from "./live-run.ts";
import { MAX_EVIDENCE, makeFinding } from "./make-finding.ts";

/** Which single-event rules an instant's events met. */
export type Hits = Map<Live, Event[]>;

export function noteHit(hits: Hits, live: Live, event: Event): void {
  const list = hits.get(live);
  if (list === undefined) hits.set(live, [event]);
  else list.push(event);
}

/** Findings of single-event rules: one per rule and subject at the instant, with all its events. */
export function judgeHits(run: Run, hits: Hits, late: boolean): Finding[] {
  const findings: Finding[] = [];
  for (const [live, events] of hits) {
    for (const same of bySubject(live, events).values()) {
      guarded(
        run,
        live.root,
        () => void findings.push(findSingle(run, live, { events: same, late })),
      );
    }
  }
  return findings;
}

function bySubject(live: Live, events: readonly Event[]): Map<string, Event[]> {
  const groups = new Map<string, Event[]>();
  for (const event of events) {
    const key = JSON.stringify(subjectGroup(live, event));
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [event]);
    else list.push(event);
  }
  return groups;
}

function subjectGroup(live: Live, event: Event): Record<string, string> {
  for (const { field } of live.rule.subject) {
    const value = fieldOf(event, field);
    if (value !== undefined) return { [field]: String(value) };
  }
  return {};
}

function findSingle(run: Run, live: Live, of: { events: Event[]; late: boolean }): Finding {
  const { events, late } = of;
  const newest = events[events.length - 1] as Event;
  const field = live.rule.measure;
  const values = events.map((event) => (field === null ? undefined : fieldOf(event, field)));
  const measured = values.filter((value) => typeof value === "number");
  const money = new Map<string, number>();
  for (const event of events) {
    const amount = live.rule.money === null ? undefined : fieldOf(event, live.rule.money.field);
    if (typeof amount !== "number" || event.currency === undefined) continue;
    money.set(event.currency, (money.get(event.currency) ?? 0) + amount);
  }
  return makeFinding({
    live,
    merchantId: run.settings.merchantId,
    ts: newest.ts,
    group: subjectGroup(live, newest),
    value: measured.length === 0 ? null : Math.max(...measured),
    events: events.slice(-MAX_EVIDENCE),
    count: events.length,
    money,
    late,
    language: run.settings.language ?? "en",
  });
}
