// What events can change, judged without any window of one's own: for whoever keeps no state between two looks.
import type { Event } from "../../../core/event.ts";
import type { Finding } from "../../../core/finding.ts";
import { type HistoryNeed, instants, type Noted, needOf, noteGroups } from "./judge-again.ts";
import type { Run } from "./live-run.ts";
import { type Hits, judgeHits, noteHit } from "./single-events.ts";
import { detectionsMet } from "./take-instant.ts";

/**
 * In: events, any order, none after the engine's instant. Out: what single-event rules find, and for every other rule
 * that an event feeds, the groups to judge and from when until when. Nothing is kept.
 */
export type FindTouched = (events: readonly Event[]) => {
  findings: Finding[];
  needs: HistoryNeed[];
};

export function createFindTouched(run: Run): FindTouched {
  return (events) => {
    const noted: Noted = new Map();
    const findings: Finding[] = [];
    for (const same of instants(events)) {
      const hits: Hits = new Map();
      for (const event of same) note(run, event, { hits, noted });
      findings.push(...judgeHits(run, hits, false));
    }
    const needs = [...noted].map(([live, groups]) => needOf(run, live, [...groups.values()]));
    return { findings, needs };
  };
}

function note(run: Run, event: Event, into: { hits: Hits; noted: Noted }): void {
  for (const detection of detectionsMet(run, event)) {
    if (detection.rule !== undefined) noteHit(into.hits, detection.rule, event);
    for (const feed of detection.feeds) {
      if (!run.off.has(feed.node.plan.name)) noteGroups(into.noted, feed, event);
    }
  }
}
