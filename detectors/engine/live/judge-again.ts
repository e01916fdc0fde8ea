// Late events: puts them into the live windows and judges again exactly what they can change.
//
// An event that comes after its instant was judged can only be felt by the rules it matches, in the groups it belongs
// to, at instants from its own time to its own time plus the rule's reach. Those are judged again on a small engine
// of their own: from memory when it is complete that far back, else from history that the caller brings. The same
// code judges both, and a finding that was made before comes out with the same id.
import { compareEvents, type Event, type FieldValue } from "../../../core/event.ts";
import type { EventType } from "../../../core/event-fields.ts";
import type { Finding } from "../../../core/finding.ts";
import { fieldIn } from "../plan.ts";
import {
  detectionsBelow,
  type Feed,
  type Live,
  MARGIN_MS,
  type Node,
  reachMs,
  typesMet,
} from "./compile.ts";
import { readItem } from "./correlate.ts";
import { groupKey } from "./group-key.ts";
import { guarded, newRun, type Run } from "./live-run.ts";
import { type Hits, judgeHits, noteHit } from "./single-events.ts";
import { addItem, eventsHeld, type NodeState, takenBy } from "./state.ts";
import { detectionsMet, findKept, settleAll, takeInstant } from "./take-instant.ts";
import { eventBehind, type Item, isFiring } from "./window.ts";

/** A stretch of one group that must be judged again. */
export type LateGroup = {
  values: Readonly<Record<string, string>>;
  fromTs: number;
  toTs: number;
  /** The newest late event that belongs to it. */
  by: string;
};

/** A stretch that was judged again whole: what stood there and was not found again does not hold (R18). */
export type JudgedAgain = LateGroup & { rule: string; version: number };

/** Groups of one rule whose history must come from the store: all events of these types in [readFromTs, readToTs]. */
export type HistoryNeed = {
  rule: string;
  version: number;
  eventTypes: readonly EventType[];
  readFromTs: number;
  readToTs: number;
  groups: readonly LateGroup[];
  /** Group fields that every rule calls by the same name: by these alone may events be looked up. */
  sharedFields: readonly string[];
};

/**
 * `judgeLate`: events at or before the instant, any order. Out: findings (late), what history is needed, and what
 * was judged again from memory.
 * `judgeHistory`: answers one need with the events read for it (the late ones included); any order, repeats allowed.
 */
export type JudgeAgain = {
  judgeLate(events: readonly Event[]): {
    findings: Finding[];
    needs: HistoryNeed[];
    again: JudgedAgain[];
  };
  judgeHistory(need: HistoryNeed, events: readonly Event[]): Finding[];
};

export function createJudgeAgain(run: Run): JudgeAgain {
  return {
    judgeLate: (events) => judgeLate(run, events),
    judgeHistory: (need, events) => judgeGroups(run, { need, events }),
  };
}

/** What events touch, found without any window: see touched.ts. */
export type Noted = Map<Live, Map<string, LateGroup>>;

function judgeLate(run: Run, events: readonly Event[]): ReturnType<JudgeAgain["judgeLate"]> {
  const noted: Noted = new Map();
  const findings: Finding[] = [];
  for (const same of instants(events)) {
    const hits: Hits = new Map();
    for (const event of same) takeLate(run, event, { hits, noted, findings });
    findings.push(...judgeHits(run, hits, true));
  }
  const needs: HistoryNeed[] = [];
  const again: JudgedAgain[] = [];
  for (const [live, groups] of noted) {
    const { near, far } = split(run, live, [...groups.values()]);
    findings.push(...near.flatMap((group) => judgeFromMemory(run, live, group)));
    if (far.length > 0) needs.push(needOf(run, live, far));
    // What had to be let go cannot be judged whole again.
    if (hasShed(run, live.root as Node)) continue;
    const { name: rule, version } = live.rule;
    for (const group of near) again.push({ ...group, rule, version });
  }
  return { findings, needs, again };
}

const hasShed = (run: Run, node: Node): boolean =>
  run.shed.has(node.plan.name) || node.inner.some((inner) => hasShed(run, inner));

function takeKept(
  run: Run,
  state: NodeState,
  { event, step, findings }: { event: Event; step: number; findings: Finding[] },
): void {
  const { keeper, node } = state;
  const taken = takenBy(state, event, step);
  if (keeper === undefined || taken === undefined) return;
  guarded(run, node, () => {
    for (const fired of keeper.takeLate(taken, (source) => run.clock.get(source))) {
      if (node.rule !== undefined) findings.push(findKept(run, node.rule, fired, true));
    }
  });
}

function takeLate(
  run: Run,
  event: Event,
  into: { hits: Hits; noted: Noted; findings: Finding[] },
): void {
  for (const detection of detectionsMet(run, event)) {
    if (detection.rule !== undefined) noteHit(into.hits, detection.rule, event);
    for (const { node, step } of detection.feeds) {
      const state = run.states[node.index];
      if (state === undefined || run.off.has(node.plan.name)) continue;
      if (state.keeper === undefined) addItem(state, event, step);
      else takeKept(run, state, { event, step, findings: into.findings });
      if (state.keeper?.again !== false) noteGroups(into.noted, { node, step }, event);
    }
  }
}

/** Events by instant, in the total order, repeats dropped. */
export function instants(events: readonly Event[]): Event[][] {
  const sorted = [...events].sort(compareEvents);
  const grouped: Event[][] = [];
  for (const event of sorted) {
    const last = grouped[grouped.length - 1];
    if (last?.[0]?.ts !== event.ts) grouped.push([event]);
    else if (last.at(-1)?.event_id !== event.event_id) last.push(event);
  }
  return grouped;
}

/** Notes, for every rule above the correlation, the group that the event belongs to and how far it can be felt. */
export function noteGroups(noted: Noted, { node, step }: Feed, event: Event): void {
  const own = groupValues(node, readItem(node, event, step));
  if (own === undefined) return;
  for (const { live, values } of groupsAbove(node, own)) {
    const root = live.root as Node;
    const key = keyOf(root.plan.groupBy, values);
    let groups = noted.get(live);
    if (groups === undefined) {
      groups = new Map();
      noted.set(live, groups);
    }
    const known = groups.get(key);
    const toTs = event.ts + reachMs(root);
    groups.set(key, {
      values,
      fromTs: Math.min(known?.fromTs ?? event.ts, event.ts),
      toTs: Math.max(known?.toTs ?? toTs, toTs),
      by: event.event_id,
    });
  }
}

type Values = Readonly<Record<string, string>>;

function groupValues(
  node: Node,
  read: (field: string) => FieldValue | undefined,
): Values | undefined {
  const values: Record<string, string> = {};
  for (const field of node.plan.groupBy) {
    const value = read(field);
    if (value === undefined) return undefined;
    values[field] = String(value);
  }
  return values;
}

/** The rules that hear of a group, each with the group's values by the rule's own names. */
function* groupsAbove(node: Node, values: Values): Generator<{ live: Live; values: Values }> {
  if (node.rule !== undefined) yield { live: node.rule, values };
  for (const { node: outer } of node.feeds) {
    const read = (field: string) => values[fieldIn(outer.plan, node.plan.name, field)];
    const above = groupValues(outer, read);
    if (above !== undefined) yield* groupsAbove(outer, above);
  }
}

/** Memory reaches back to the margin and a rule's reach before it; older needs history. */
function split(
  run: Run,
  live: Live,
  groups: readonly LateGroup[],
): { near: LateGroup[]; far: LateGroup[] } {
  const keepsEvents = (live.root as Node).newKeeper === undefined;
  const near: LateGroup[] = [];
  const far: LateGroup[] = [];
  for (const group of groups) {
    const toTs = Math.min(group.toTs, run.instantTs);
    const list = keepsEvents && group.fromTs >= run.instantTs - MARGIN_MS ? near : far;
    list.push({ ...group, toTs });
  }
  return { near, far };
}

export function needOf(run: Run, live: Live, groups: readonly LateGroup[]): HistoryNeed {
  const root = live.root as Node;
  const types = detectionsBelow(root).flatMap(typesMet);
  return {
    rule: live.rule.name,
    version: live.rule.version,
    eventTypes: [...new Set(types)].sort(),
    readFromTs: Math.min(...groups.map((group) => group.fromTs)) - reachMs(root),
    readToTs: Math.max(...groups.map((group) => Math.min(group.toTs, run.instantTs))),
    groups,
    sharedFields: root.plan.groupBy.filter((field) => !isRenamed(root, field)),
  };
}

const isRenamed = (node: Node, field: string): boolean =>
  node.plan.aliases.has(field) || node.inner.some((inner) => isRenamed(inner, field));

function judgeFromMemory(run: Run, live: Live, group: LateGroup): Finding[] {
  const held = eventsHeld(run.states, live.root as Node, group.values).map(eventBehind);
  const need = { ...needOf(run, live, [group]), rule: live.rule.name };
  return judgeGroups(run, { need, events: held });
}

/** Runs the events through an engine with this rule alone and keeps what falls into the groups' stretches. */
function judgeGroups(run: Run, of: { need: HistoryNeed; events: readonly Event[] }): Finding[] {
  const { need, events } = of;
  const { onShed: _, ...settings } = run.settings;
  const again = newRun(run.ruleset, { ...settings, only: need.rule });
  const root = again.compiled.nodes.at(-1);
  if (root === undefined || run.off.has(need.rule)) return [];
  const fields = root.plan.groupBy;
  const stretches = new Map(need.groups.map((group) => [keyOf(fields, group.values), group]));
  const findings: Finding[] = [];
  const keep = (found: readonly Finding[]) => {
    for (const finding of found) {
      const stretch = stretches.get(keyOf(fields, finding.group));
      if (stretch !== undefined && finding.ts >= stretch.fromTs && finding.ts <= stretch.toTs) {
        findings.push({ ...finding, late: true });
      }
    }
  };
  for (const instant of instants(events)) {
    const ts = instant[0]?.ts ?? 0;
    if (ts > run.instantTs) break;
    if (ts < need.readFromTs) continue;
    keep(takeInstant(again, instant, true));
  }
  again.clock = run.clock;
  keep(settleAll(again));
  copyFirings(run, again);
  return findings;
}

const keyOf = (fields: readonly string[], values: Readonly<Record<string, string>>): string =>
  groupKey(fields, (field) => values[field]) ?? "";

/** Firings that only came out now must also stand in the live windows of outer rules. */
function copyFirings(run: Run, again: Run): void {
  for (const from of again.states) {
    if (from.node.inner.length === 0) continue;
    const to = run.states.find((state) => state.node.plan.name === from.node.plan.name);
    if (to === undefined) continue;
    for (const { item, step } of firingsIn(from)) addItem(to, item, step);
  }
}

function* firingsIn(state: NodeState): Generator<{ item: Item; step: number }> {
  const { rules } = state.node.plan;
  for (const { window } of state.groups.values()) {
    for (let i = window.head; i < window.tail; i += 1) {
      const item = window.items[i];
      if (item === undefined || !isFiring(item)) continue;
      yield { item, step: rules.indexOf(item.rule) };
    }
  }
}
