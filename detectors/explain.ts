// Explains a stored finding, or why an event does not count for a rule, from the events as they are stored.
import type { Alert } from "../core/alert.ts";
import { AppError } from "../core/errors.ts";
import type { Event } from "../core/event.ts";
import { FIELD_SPECS } from "../core/event-fields.ts";
import type { ExplainedLeaf, Explanation } from "../core/explanation.ts";
import type { Finding } from "../core/finding.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { findEvent, readEvents } from "../stores/events.ts";
import { findingAt, readFinding } from "../stores/findings.ts";
import { findMerchant } from "../stores/merchants.ts";
import { rulesInForce } from "../stores/rule-settings.ts";
import { counterfactual } from "./engine/explain/counterfactual.ts";
import { whyEvent } from "./engine/explain/why.ts";
import { changeSentences, whyLeaves } from "./engine/explain/words.ts";
import { createEngine } from "./engine/live/engine.ts";
import type { ListLookup, Rule, Ruleset } from "./engine/plan.ts";
import { ruleNamed } from "./engine/tune/knobs.ts";
import { settingsOf } from "./engine/tune/settings.ts";
import type { Tuner } from "./engine/tune/tuned.ts";

export type ExplainDeps = { db: Postgres; ch: ClickHouse; tuner: Tuner };

/** Each of the changes is tried by running the engine over all of them, up to sixty times. */
const MOST_EVENTS = 5_000;
const MOST_SHOWN = 200;

type World = { ruleset: Ruleset; merchantId: string; currency: string; lists: ListLookup };

/** Throws NOT_FOUND for a finding that is not this merchant's. */
export async function explainFinding(
  deps: ExplainDeps,
  merchantId: string,
  id: string,
): Promise<Explanation> {
  const finding = await readFinding(deps.db, merchantId, id);
  if (finding === undefined) {
    throw new AppError("NOT_FOUND", "There is no such finding for this caller.");
  }
  return await explain(deps, finding);
}

/** The newest finding on an alert; undefined when it is gone. */
export async function explainAlert(
  deps: ExplainDeps,
  of: Pick<Alert, "merchant_id" | "detection" | "last_ts"> & { subject: string },
): Promise<Explanation | undefined> {
  const finding = await findingAt(deps.db, of.merchant_id, { ...of, ts: of.last_ts });
  return finding === undefined ? undefined : await explain(deps, finding);
}

/** Whether an event counts for a rule, condition by condition. Throws NOT_FOUND, RULE_INVALID. */
export async function explainEvent(
  deps: ExplainDeps,
  merchantId: string,
  of: { rule: string; eventId: string },
): Promise<{ rule: string; event_id: string; counts: boolean; leaves: ExplainedLeaf[] }> {
  const world = await worldOf(deps, merchantId);
  const { name } = ruleNamed(world.ruleset.rules, of.rule);
  const event = await findEvent(deps.ch, merchantId, of.eventId);
  if (event === undefined) {
    throw new AppError("NOT_FOUND", "There is no such event for this caller.");
  }
  const why = whyEvent(world.ruleset, name, event, world);
  return { rule: name, event_id: event.event_id, counts: why.holds, leaves: whyLeaves(why) };
}

async function explain(deps: ExplainDeps, finding: Finding): Promise<Explanation> {
  const world = await worldOf(deps, finding.merchant_id);
  const rule = world.ruleset.rules.find(({ name }) => name === finding.rule);
  const { id, rule_version: version, value, threshold } = finding;
  const own = { finding_id: id, rule: finding.rule, version, value, threshold };
  const empty = { events: [], event_count: finding.event_count, changes: [], leaves: [] };
  if (rule === undefined) {
    const note = "The rule is not there any more.";
    return { ...own, ...empty, current_version: null, note };
  }
  const current_version = rule.version;
  const events = await eventsBehind(deps, world, { finding, rule });
  if (events === undefined) {
    const note = `More than ${MOST_EVENTS} events lie in the window: too many to try changes on.`;
    return { ...own, ...empty, current_version, note };
  }
  const found = counterfactual(world.ruleset, finding, events, world);
  const newest = found.events.at(-1);
  const note = noteOf(found.events.length, { finding, rule });
  return {
    ...{ ...own, current_version, note, event_count: found.events.length },
    events: found.events
      .slice(-MOST_SHOWN)
      .map(({ event_id, event_type, ts }) => ({ event_id, event_type, ts })),
    changes: [...changeSentences(found), ...keptSentences(world.ruleset, finding)],
    leaves:
      newest === undefined ? [] : whyLeaves(whyEvent(world.ruleset, rule.name, newest, world)),
  };
}

/** Of absences: what should have come. Of baselines: where the line is. */
function keptSentences({ plans }: Ruleset, { rule, threshold }: Finding): string[] {
  const plan = plans.get(rule);
  const analytic = plan?.kind === "correlation" ? plan.analytic : null;
  if (plan?.kind !== "correlation" || analytic === null) return [];
  if (analytic.kind === "baseline") {
    return threshold === null ? [] : [`Silent below ${threshold}.`];
  }
  if (analytic.kind !== "absence_after" && analytic.kind !== "absence_before") return [];
  const missing = plan.rules.slice(analytic.ons).map((name) => name.replaceAll("_", " "));
  return [`Silent if this had come in time: ${missing.join(" or ")}.`];
}

function noteOf(
  events: number,
  { finding, rule }: { finding: Finding; rule: Rule },
): string | null {
  if (rule.version !== finding.rule_version) {
    return "The rule has been changed since; this is worked out with the rule as it is now.";
  }
  return events < finding.event_count ? "Some of its events are not stored any more." : null;
}

async function worldOf({ db, tuner }: ExplainDeps, merchantId: string): Promise<World> {
  const merchant = await findMerchant(db, merchantId);
  if (merchant === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
  const settings = settingsOf(await rulesInForce(db, merchantId));
  const { ruleset } = tuner.tune(settings);
  return { ruleset, merchantId, currency: merchant.currency, lists: settings.lists.has };
}

/** All that the rule could have read; undefined when there are too many. */
async function eventsBehind(
  { ch }: ExplainDeps,
  { ruleset, merchantId, currency }: World,
  { finding, rule }: { finding: Finding; rule: Rule },
): Promise<Event[] | undefined> {
  const only = {
    ...ruleset,
    rules: ruleset.rules.map((one) => ({ ...one, mode: "alert" as const })),
  };
  const reach = createEngine(only, { merchantId, currency, only: rule.name }).reachByType();
  const plan = ruleset.plans.get(rule.name);
  const renamed = plan?.kind === "correlation" && plan.aliases.size > 0;
  const where = Object.entries(renamed ? {} : finding.group)
    .filter(([field]) => FIELD_SPECS.get(field)?.kind === "s")
    .map(([field, value]) => ({ [field]: value }));
  const fromTs = finding.ts - Math.max(0, ...reach.values());
  // A rule over single events keeps no window, so it reaches nowhere.
  const types = plan?.kind === "detection" ? (plan.eventTypes ?? []) : [...reach.keys()];
  const range = { fromTs, toTs: finding.ts, eventTypes: types, where };
  const events: Event[] = [];
  for await (const batch of readEvents(ch, merchantId, range)) {
    events.push(...batch);
    if (events.length > MOST_EVENTS) return undefined;
  }
  return events;
}
