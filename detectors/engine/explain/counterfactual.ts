// The smallest changes that would have kept a finding silent; each is tried by really running the engine on the changed events. Pure.
import { compareEvents, type Event } from "../../../core/event.ts";
import type { Finding } from "../../../core/finding.ts";
import { createEngine } from "../live/engine.ts";
import type { ListLookup, Plan, Ruleset } from "../plan.ts";
import { whyEvent } from "./why.ts";

/**
 * `events`: what made the finding, oldest first. `fewer`: so many of the oldest of them left out, and it is silent; `laterMs`: the newest so much
 * later; `threshold`: the least bound that the value does not meet. Null where no such change was found.
 */
export type Counterfactual = {
  events: Event[];
  value: number | null;
  threshold: number | null;
  fewer: number | null;
  laterMs: number | null;
  bound: number | null;
};

type Settings = { merchantId: string; currency: string; lists?: ListLookup };
type At = { rule: string; ts: number; group: Readonly<Record<string, string>> };

const MOST_TRIES = 60;

/** The rule's findings over the events, in order. */
export function findingsOf(
  ruleset: Ruleset,
  rule: string,
  events: readonly Event[],
  settings: Settings,
): Finding[] {
  const engine = createEngine(ruleset, { ...settings, only: rule });
  const sorted = [...events].sort(compareEvents);
  const findings: Finding[] = [];
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to]?.ts === sorted[from]?.ts) to += 1;
    findings.push(...engine.step(sorted.slice(from, to)));
    from = to;
  }
  return findings;
}

/** What keeps this finding silent. In: the events that were there, the later ones may be left out. */
export function counterfactual(
  ruleset: Ruleset,
  finding: Finding,
  events: readonly Event[],
  settings: Settings,
): Counterfactual {
  const { rule, ts, group } = finding;
  const at: At = { rule, ts, group };
  const plan = ruleset.plans.get(rule);
  const spanMs = plan?.kind === "correlation" ? plan.spanMs : 0;
  const inside = events
    .filter((event) => event.ts <= ts && event.ts >= ts - spanMs)
    .filter((event) => belongs(ruleset, event, { at, settings }))
    .sort(compareEvents);
  if (isKept(plan)) return keptCounterfactual(finding, events);
  const fires = (changed: readonly Event[]) =>
    findingsOf(ruleset, rule, changed, settings).some((one) => sameGroup(one, at) && one.ts >= ts);
  const before = events.filter((event) => event.ts <= ts);
  return {
    events: inside,
    value: finding.value,
    threshold: finding.threshold,
    fewer: fewest(inside, (left) => !fires(before.filter((event) => !left.includes(event)))),
    laterMs:
      spanMs === 0 ? null : later(inside, spanMs, (moved) => !fires(replaced(before, moved))),
    bound: boundOf(finding),
  };
}

const KEPT = ["absence_after", "absence_before", "baseline"];
const isKept = (plan: Plan | undefined): boolean =>
  plan?.kind === "correlation" && KEPT.includes(plan.analytic?.kind ?? "");

/** What never came cannot be left out, and a total is no single event: the value under which it is silent is all. */
function keptCounterfactual(finding: Finding, events: readonly Event[]): Counterfactual {
  const shown = new Set(finding.evidence.map(({ event_id }) => event_id));
  const { value, threshold } = finding;
  const own = { events: events.filter(({ event_id }) => shown.has(event_id)), value, threshold };
  return { ...own, fewer: null, laterMs: null, bound: null };
}

function belongs(
  ruleset: Ruleset,
  event: Event,
  { at, settings }: { at: At; settings: Settings },
): boolean {
  const { rule, group } = at;
  const why = whyEvent(ruleset, rule, event, settings);
  if (!why.holds) return false;
  return Object.entries(why.group).every(
    ([field, value]) => group[field] === undefined || group[field] === value,
  );
}

const sameGroup = (finding: Finding, { rule, group }: At): boolean =>
  finding.rule === rule &&
  Object.entries(group).every(([field, value]) => finding.group[field] === value);

/** How many of the oldest must go; null when none but the newest is left, or too many would have to. */
function fewest(inside: readonly Event[], isSilent: (left: Event[]) => boolean): number | null {
  for (let count = 1; count <= Math.min(inside.length, MOST_TRIES); count += 1) {
    if (isSilent(inside.slice(0, count))) return count;
  }
  return null;
}

/** The newest event so much later that one more of the oldest has left the window by then. */
function later(
  inside: readonly Event[],
  spanMs: number,
  isSilent: (moved: Event) => boolean,
): number | null {
  const newest = inside.at(-1);
  if (newest === undefined) return null;
  for (const oldest of inside.slice(0, -1).slice(0, MOST_TRIES)) {
    const ts = oldest.ts + spanMs + 1;
    if (ts > newest.ts && isSilent({ ...newest, ts })) return ts - newest.ts;
  }
  return null;
}

const replaced = (events: readonly Event[], moved: Event): Event[] =>
  events.map((event) => (event.event_id === moved.event_id ? moved : event));

/** Value 7 against at least 5: silent at 8. */
function boundOf({ value, threshold }: Finding): number | null {
  if (value === null || threshold === null || !Number.isInteger(value)) return null;
  return value >= threshold ? value + 1 : null;
}
