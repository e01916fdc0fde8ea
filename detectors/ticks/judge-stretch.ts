// Judges what a stretch of newly stored events can change, by SQL over the store, without any state of one's own.
//
// In what order events came does not matter: a stretch is judged as a whole, as history is, and what stood in it and is
// not found again is withdrawn. So two processes may judge the same stretch, or one of them a part of it once more, and
// the same findings stand at the end.
import type { Event } from "../../core/event.ts";
import { type Finding, findingId } from "../../core/finding.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import { newestBySource, readEvents } from "../../stores/events.ts";
import type { Standing } from "../../stores/findings.ts";
import type { Rejudged } from "../../stores/withdrawals.ts";
import type { Engine } from "../engine/live/engine.ts";
import type { HistoryNeed, LateGroup } from "../engine/live/judge-again.ts";
import type { Analytic, Rule, Ruleset } from "../engine/plan.ts";
import type { HistoryFinding } from "../engine/sql/rule-sql.ts";
import type { ListBook } from "../engine/tune/lists.ts";
import { readForNeed, runHistory, streamHistory } from "../history.ts";

export type StretchDeps = {
  ch: ClickHouse;
  merchant: { id: string; currency: string; language: string };
  ruleset: Ruleset;
  lists: ListBook;
  /** New, its instant moved on to the horizon: used for its rules, not for its windows. */
  engine: Engine;
  /** What stands already, of these rules in this span. */
  standing(rules: readonly string[], fromTs: number, toTs: number): Promise<Standing[]>;
};

/**
 * `events`: all of the stretch, UTC ms from `fromTs` to `toTs`. `horizonTs`: nothing that happened later is looked at.
 * `lateBeforeTs`: instants before it had been judged when the events came.
 */
export type StretchOf = {
  events: readonly Event[];
  fromTs: number;
  toTs: number;
  horizonTs: number;
  lateBeforeTs: number;
};

/** `findings` may hold some that are saved already. `standing`: ids of saved ones that were found again. */
export type StretchVerdict = { findings: Finding[]; standing: string[]; rejudged: Rejudged[] };

type Found = { rule: string; version: number; group: Record<string, string>; ts: number };
type Span = { fromTs: number; toTs: number };

export async function judgeStretch(deps: StretchDeps, of: StretchOf): Promise<StretchVerdict> {
  const verdict: StretchVerdict = { findings: [], standing: [], rejudged: [] };
  const { findings, needs } = deps.engine.touched(of.events);
  verdict.findings.push(...findings);
  const kindOf = ({ rule }: HistoryNeed) => analyticOf(deps.ruleset, rule)?.kind ?? "sql";
  const ofKind = (wanted: (kind: string) => boolean) =>
    needs.filter((need) => wanted(kindOf(need)));
  await bySql(deps, of, { needs: ofKind((kind) => kind === "sql"), verdict });
  for (const need of ofKind((kind) => WINDOWED.has(kind))) await byGroups(deps, need, verdict);
  const baselines = ofKind((kind) => kind === "baseline").map(({ rule }) => rule);
  await byStream(deps, of, { baselines, verdict });
  const late = (finding: Finding) => finding.ts < of.lateBeforeTs;
  return {
    ...verdict,
    findings: verdict.findings.map((finding) => ({ ...finding, late: late(finding) })),
  };
}

/** Analytics that a window of the group's events serves. */
const WINDOWED: ReadonlySet<string> = new Set(["new_value", "ratio", "geo_velocity"]);
const isAbsence = (kind: string) => kind === "absence_after" || kind === "absence_before";

function analyticOf({ plans }: Ruleset, rule: string): Analytic | null | undefined {
  const plan = plans.get(rule);
  return plan?.kind === "correlation" ? (plan.analytic ?? undefined) : undefined;
}

type Needs = { needs: readonly HistoryNeed[]; verdict: StretchVerdict };

/** Each rule's statement says where it fires; only for what is new are the events read that a finding shows. */
async function bySql(deps: StretchDeps, of: StretchOf, { needs, verdict }: Needs): Promise<void> {
  if (needs.length === 0) return;
  const { ch, merchant, ruleset, lists } = deps;
  const history = { merchantId: merchant.id, currency: merchant.currency, lists: lists.forSql };
  const spans = needs.map((need) => spanOf(need, of));
  const stood = Map.groupBy(
    await deps.standing(
      needs.map(({ rule }) => rule),
      Math.min(...spans.map(({ fromTs }) => fromTs)),
      Math.max(...spans.map(({ toTs }) => toTs)),
    ),
    ({ rule }) => rule,
  );
  for (const [at, need] of needs.entries()) {
    const span = spans[at] as Span;
    const fired: HistoryFinding[] = [];
    const statement = { ...history, ...span, rules: [need.rule] };
    for await (const rows of runHistory(ch, ruleset, statement)) fired.push(...rows);
    const before = (stood.get(need.rule) ?? []).filter(
      ({ ts }) => ts >= span.fromTs && ts <= span.toTs,
    );
    const known = new Set(before.map(({ id }) => id));
    const found = new Set(fired.map((one) => idOf(merchant.id, one)));
    verdict.standing.push(...[...known].filter((id) => found.has(id)));
    verdict.rejudged.push(...gone(before, found, of));
    const fresh = fired.filter((one) => !known.has(idOf(merchant.id, one)));
    if (fresh.length > 0) verdict.findings.push(...(await wholeFindings(deps, need, fresh)));
  }
}

/** What a statement found, as the findings that people read: with their events. */
async function wholeFindings(
  deps: StretchDeps,
  need: HistoryNeed,
  fresh: readonly HistoryFinding[],
): Promise<Finding[]> {
  const groups = groupsOf(fresh);
  const readToTs = Math.max(...groups.map((group) => group.toTs));
  const readFromTs = least(groups) - (least(need.groups) - need.readFromTs);
  const read = { ...need, groups, readFromTs, readToTs };
  return deps.engine.judgeHistory(read, await readForNeed(deps, read));
}

/** Each group from where it fired first until where it fired last. */
function groupsOf(fired: readonly HistoryFinding[]): LateGroup[] {
  const byGroup = Map.groupBy(fired, ({ group }) => JSON.stringify(Object.entries(group).sort()));
  return [...byGroup.values()].map((same) => {
    const times = same.map(({ ts }) => ts);
    const values = same[0]?.group ?? {};
    return { values, fromTs: Math.min(...times), toTs: Math.max(...times), by: "" };
  });
}

const least = (groups: HistoryNeed["groups"]) => Math.min(...groups.map(({ fromTs }) => fromTs));

/** From the first event that touches the rule until the last can be felt, as far as is known. */
function spanOf(need: HistoryNeed, { horizonTs }: StretchOf): Span {
  const toTs = Math.max(...need.groups.map((group) => group.toTs));
  return { fromTs: least(need.groups), toTs: Math.min(toTs, horizonTs) };
}

const idOf = (merchant_id: string, { rule, version, group, ts }: Found) =>
  findingId({ merchant_id, rule, rule_version: version, group, ts });

/** What stood and was not found again, each a stretch of its own. */
function gone(
  before: readonly Standing[],
  found: ReadonlySet<string>,
  { events }: StretchOf,
): Rejudged[] {
  const by = events.at(-1)?.event_id ?? "";
  return before
    .filter(({ id }) => !found.has(id))
    .map(({ rule, rule_version, group, ts }) => ({
      ...{ rule, version: rule_version, group, by },
      ...{ fromTs: ts, toTs: ts },
    }));
}

/** What no statement can say, over the groups that were touched: their events go through the streaming engine. */
async function byGroups(
  deps: StretchDeps,
  need: HistoryNeed,
  verdict: StretchVerdict,
): Promise<void> {
  const { rule, version } = need;
  const events = await readForNeed(deps, need);
  verdict.findings.push(...deps.engine.judgeHistory(need, events));
  for (const { values, ...rest } of need.groups) {
    verdict.rejudged.push({ ...rest, group: values, rule, version });
  }
}

/**
 * Baselines that were touched, and every absence, over all their groups: their events go through the streaming engine, in
 * one reading. An absence is known once its source has shown something later, whatever that is: so from where the sources
 * of these events stood before, not from the events' own time.
 */
async function byStream(
  deps: StretchDeps,
  of: StretchOf,
  { baselines, verdict }: { baselines: readonly string[]; verdict: StretchVerdict },
): Promise<void> {
  const { ch, merchant, ruleset, lists } = deps;
  if (of.events.length === 0) return;
  const absences = ruleset.rules
    .filter((rule) => isAbsenceRule(ruleset, rule))
    .map(({ name }) => name);
  const wanted = new Set([...baselines, ...absences]);
  const rules = ruleset.rules.filter(({ name, mode }) => wanted.has(name) && mode !== "off");
  if (rules.length === 0) return;
  const span = { fromTs: await clocksStood(deps, of), toTs: of.horizonTs };
  const over = {
    merchantId: merchant.id,
    currency: merchant.currency,
    language: merchant.language,
  };
  const history = { ...over, ...span, lists: lists.forSql };
  const found = new Set<string>();
  for await (const findings of streamHistory({ ch, ruleset, rules }, history)) {
    for (const finding of findings) {
      // A baseline speaks of its own instants alone; what it said before stands.
      const isOwn = finding.ts >= of.fromTs && finding.ts <= of.toTs;
      if (absences.includes(finding.rule)) found.add(finding.id);
      else if (!isOwn) continue;
      verdict.findings.push(finding);
    }
  }
  const before = await deps.standing(absences, span.fromTs, span.toTs);
  verdict.rejudged.push(...gone(before, found, of));
}

/** The earliest time at which one of these events' sources stood before they came. */
async function clocksStood(
  { ch, merchant }: StretchDeps,
  { events, fromTs }: StretchOf,
): Promise<number> {
  const before = await newestBySource(ch, merchant.id, fromTs - 1);
  const sources = new Set(events.map(({ source }) => source));
  return Math.min(fromTs, ...[...sources].map((source) => before.get(source) ?? fromTs));
}

function isAbsenceRule({ plans }: Ruleset, { name, mode }: Rule): boolean {
  const plan = plans.get(name);
  return mode !== "off" && plan?.kind === "correlation" && isAbsence(plan.analytic?.kind ?? "");
}

/** Every event of a stretch, in order; at most about `most`, cut between instants. Out: also the last instant that is whole. */
export async function readStretch(
  ch: ClickHouse,
  merchantId: string,
  { fromTs, toTs, most }: Span & { most: number },
): Promise<{ events: Event[]; toTs: number }> {
  const events: Event[] = [];
  for await (const batch of readEvents(ch, merchantId, { fromTs, toTs })) {
    for (const event of batch) {
      if (events.length >= most && event.ts !== events.at(-1)?.ts) {
        return { events, toTs: events.at(-1)?.ts ?? toTs };
      }
      events.push(event);
    }
  }
  return { events, toTs };
}
