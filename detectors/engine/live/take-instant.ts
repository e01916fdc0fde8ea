// One instant through one merchant's rules: matches feed windows, touched windows are judged, firings go on to outer ones.
import { type Event, fieldOf } from "../../../core/event.ts";
import type { Finding } from "../../../core/finding.ts";
import type { Detection, Live, Node } from "./compile.ts";
import type { KeeperFired } from "./keeper.ts";
import { guarded, MAX_ITEMS_PER_RULE, type Run } from "./live-run.ts";
import { MAX_EVIDENCE, makeFinding } from "./make-finding.ts";
import { type Hits, judgeHits, noteHit } from "./single-events.ts";
import { type Group, judgeTouched, type NodeState, shed, takenBy, touch } from "./state.ts";
import { eventBehind, type Firing, type Item } from "./window.ts";

/** All events of one instant, sorted by event_id. Out: findings when `aloud`. */
export function takeInstant(run: Run, instant: readonly Event[], aloud: boolean): Finding[] {
  const ts = instant[0]?.ts;
  if (ts === undefined) return [];
  run.instantTs = ts;
  const hits = meetAll(run, instant, ts);
  const findings = aloud ? judgeHits(run, hits, false) : [];
  const told = { ts, findings: aloud ? findings : undefined };
  for (const state of run.states) {
    if (state.touched.length > 0) judgeNode(run, state, told);
    if (state.keeper?.isIdle(ts) === false) settle(run, state, told);
  }
  return findings;
}

function meetAll(run: Run, instant: readonly Event[], ts: number): Hits {
  const hits = new Map() as Hits;
  let before: Event | undefined;
  for (const event of instant) {
    // A re-sent event that slipped through stands beside its twin.
    if (event.event_id !== before?.event_id) meetRules(run, event, hits);
    if (event.training !== true) run.clock.set(event.source, ts);
    before = event;
  }
  return hits;
}

/** What keepers say once the clocks stand so: after an instant, or at the end of what is known. */
export function settleAll(run: Run): Finding[] {
  const findings: Finding[] = [];
  for (const state of run.states) {
    if (state.keeper !== undefined) settle(run, state, { ts: run.instantTs, findings });
  }
  return findings;
}

function settle(
  run: Run,
  { node, keeper }: NodeState,
  at: { ts: number; findings: Finding[] | undefined },
): void {
  if (keeper === undefined || run.off.has(node.plan.name)) return;
  guarded(run, node, () => {
    const fired = keeper.settle((source) => run.clock.get(source), at.ts);
    if (node.rule === undefined || at.findings === undefined) return;
    for (const one of fired) at.findings.push(findKept(run, node.rule, one));
  });
  const lost = keeper.shed(run.settings.maxItemsPerRule ?? MAX_ITEMS_PER_RULE);
  if (lost.items > 0) noteShed(run, node, lost);
}

function noteShed(run: Run, { plan }: Node, lost: { groups: number; items: number }): void {
  run.shed.add(plan.name);
  run.settings.onShed?.(plan.name, lost);
}

/** The finding of something that a keeper fired. */
export function findKept(run: Run, live: Live, fired: KeeperFired, late = false): Finding {
  const { values, ts, value, events, count } = fired;
  const money = new Map<string, number>();
  const field = live.rule.money?.field;
  for (const event of events) {
    const amount = field === undefined ? undefined : fieldOf(event, field);
    if (typeof amount !== "number" || event.currency === undefined) continue;
    money.set(event.currency, (money.get(event.currency) ?? 0) + amount);
  }
  return makeFinding({
    ...{ live, merchantId: run.settings.merchantId, ts, group: values, value, count, money, late },
    events: events.slice(-MAX_EVIDENCE),
    language: run.settings.language ?? "en",
    bound: fired.bound,
    usual: fired.usual,
  });
}

function meetRules(run: Run, event: Event, hits: Hits): void {
  for (const detection of detectionsMet(run, event)) {
    if (detection.rule !== undefined) noteHit(hits, detection.rule, event);
    for (const { node, step } of detection.feeds) feedNode(run, node, event, step);
  }
}

function feedNode(run: Run, node: Node, item: Item, step: number): void {
  const state = run.states[node.index];
  if (state === undefined || run.off.has(node.plan.name)) return;
  guarded(run, node, () => {
    if (state.keeper === undefined) return touch(state, item, step);
    const taken = takenBy(state, item, step);
    if (taken !== undefined) state.keeper.take(taken);
  });
}

/** Detections that the event matches. Training events reach only rules that name the field (R25). */
export function* detectionsMet(run: Run, event: Event): Generator<Detection> {
  const candidates = run.compiled.byType.get(event.event_type);
  if (candidates === undefined) return;
  for (const detection of candidates) {
    if (event.training === true && !detection.plan.readsTraining) continue;
    if (run.off.size > 0 && run.off.has(detection.plan.name)) continue;
    let met = false;
    guarded(run, detection, () => {
      met = detection.match(event, run.settings.lists);
    });
    if (met) yield detection;
  }
}

/** Judges a correlation's touched groups; firings go on to outer correlations, findings to the list (when aloud). */
function judgeNode(
  run: Run,
  state: NodeState,
  at: { ts: number; findings: Finding[] | undefined },
): void {
  const { node } = state;
  if (run.off.has(node.plan.name)) {
    state.touched = [];
    return;
  }
  guarded(run, node, () =>
    judgeTouched(state, at.ts, (group, value) => {
      if (node.rule !== undefined && at.findings !== undefined) {
        at.findings.push(findGroup(run, node.rule, { group, value, ts: at.ts }));
      }
      if (node.feeds.length === 0) return;
      const firing = firingOf(node, group, { value, ts: at.ts });
      for (const { node: outer, step } of node.feeds) feedNode(run, outer, firing, step);
    }),
  );
  const lost = shed(state, run.settings.maxItemsPerRule ?? MAX_ITEMS_PER_RULE);
  if (lost.groups > 0) noteShed(run, node, lost);
}

/** Its id is rule + group + ts (R21); "~" sorts behind every event id, so a firing comes after its instant's events. */
function firingOf(node: Node, group: Group, at: { value: number; ts: number }): Firing {
  const { window } = group;
  const newest = window.items[window.tail - 1] as Item;
  return {
    ts: at.ts,
    event_id: `~${node.plan.name}~${group.key}`,
    rule: node.plan.name,
    group: group.values,
    value: at.value,
    last: eventBehind(newest),
  };
}

function findGroup(run: Run, live: Live, at: { group: Group; value: number; ts: number }): Finding {
  const { window, values } = at.group;
  const events = new Map<string, Event>();
  for (let i = window.tail - 1; i >= window.lo && events.size < MAX_EVIDENCE; i -= 1) {
    const item = window.items[i];
    if (item === undefined) continue;
    const event = eventBehind(item);
    events.set(event.event_id, event);
  }
  return makeFinding({
    live,
    merchantId: run.settings.merchantId,
    ts: at.ts,
    group: values,
    value: at.value,
    events: [...events.values()].reverse(),
    count: window.tail - window.lo,
    money: window.money,
    late: false,
    language: run.settings.language ?? "en",
  });
}
