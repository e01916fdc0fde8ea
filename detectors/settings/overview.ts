// What a merchant sees of its rules: how each runs, what it found lately, and why it may be silent.
import type { Level } from "../../core/level.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { presentFields } from "../../stores/event-presence.ts";
import { countByRule, countHidden, type RuleCounts } from "../../stores/findings.ts";
import { type RuleChange, rulesInForce } from "../../stores/rule-settings.ts";
import { blindness, type Seen } from "../engine/explain/blind.ts";
import type { Mode, Rule } from "../engine/plan.ts";
import { type MerchantSettings, modeOf, settingsOf } from "../engine/tune/settings.ts";
import type { Tuner } from "../engine/tune/tuned.ts";

export type OverviewDeps = { db: Postgres; ch: ClickHouse; tuner: Tuner; now: () => number };

const DAY_MS = 86_400_000;
const COUNTED_MS = 30 * DAY_MS;
/** Longer than any window, so that what comes seldom is not called missing. */
const SEEN_MS = 35 * DAY_MS;

export type KnobState = {
  name: string;
  value: number;
  default: number;
  min: number;
  max: number;
};

/** `version`: that findings carry; `tuned`: it differs from the file's. `silent`: words, null when nothing stands in its way. */
export type RuleState = {
  rule: string;
  detection: string;
  title: string;
  level: Level;
  mode: Mode;
  version: number;
  tuned: boolean;
  knobs: KnobState[];
  /** Of the last 30 days. */
  found: Omit<RuleCounts, "last_ts">;
  last_finding_ts: number | null;
  silent: string | null;
};

/** One entry a rule, in the catalogue's order, and settings that no longer fit. */
export async function rulesOverview(
  { db, ch, tuner, now }: OverviewDeps,
  merchantId: string,
): Promise<{ rules: RuleState[]; faults: readonly string[] }> {
  const settings = settingsOf(await rulesInForce(db, merchantId));
  const [counts, seen] = await Promise.all([
    countByRule(db, merchantId, now() - COUNTED_MS),
    presentFields(ch, merchantId, now() - SEEN_MS),
  ]);
  const { ruleset, faults } = tuner.tune(settings);
  const rules = ruleset.rules.map((rule): RuleState => {
    const { name, detection, title, level, version } = rule;
    const own = counts.get(name);
    const mode = modeOf(rule, settings.rules.get(name));
    const file = tuner.catalogue.rules.find((one) => one.name === name);
    return {
      ...{ rule: name, detection, title, level, mode, version },
      tuned: file !== undefined && file.version !== version,
      knobs: knobsOf(rule, settings, tuner),
      found: { told: own?.told ?? 0, shadow: own?.shadow ?? 0, hidden: own?.hidden ?? 0 },
      last_finding_ts: own?.last_ts ?? null,
      silent: mode === "off" ? "It is switched off." : silenceOf(ruleset, name, seen),
    };
  });
  return { rules, faults };
}

function knobsOf(rule: Rule, { rules }: MerchantSettings, tuner: Tuner): KnobState[] {
  const set = rules.get(rule.name)?.knobs ?? {};
  return rule.knobs.map(({ name, min, max }) => {
    const byFile = tuner.defaults()[rule.name]?.[name] ?? min;
    return { name, value: set[name] ?? byFile, default: byFile, min, max };
  });
}

function silenceOf(
  ruleset: Parameters<typeof blindness>[0],
  name: string,
  seen: Seen,
): string | null {
  const blind = blindness(ruleset, name, seen);
  if (blind === null) return null;
  if (blind.eventTypes.length > 0) {
    return `No event of type ${blind.eventTypes.join(" or ")} came in 35 days.`;
  }
  return `No event that it reads has ${blind.fields.join(", ")}.`;
}

export type SnoozeState = {
  id: number;
  rule: string;
  subject: string;
  from: number;
  until: number;
  reason: string;
  by: string;
  /** How many findings it hid. */
  hid: number;
};

export type EntryState = {
  id: number;
  list: string;
  value: string;
  from: number;
  until: number | null;
  reason: string;
  owner: string;
  by: string;
  /** How many findings it kept from being told. */
  hid: number;
};

export type ExclusionState = {
  id: number;
  name: string;
  text: string;
  reason: string;
  by: string;
  at: number;
};

/** What is in force: snoozes that have not ended, entries by list, exclusions. */
export async function inForce(
  { db, now }: Pick<OverviewDeps, "db" | "now">,
  merchantId: string,
): Promise<{ snoozes: SnoozeState[]; entries: EntryState[]; exclusions: ExclusionState[] }> {
  const changes = await rulesInForce(db, merchantId);
  const settings = settingsOf(changes);
  const hidden = await countHidden(db, merchantId);
  const bySeq = new Map(changes.map((change) => [change.seq, change]));
  const told = (seq: number) => {
    const { reason = "", actor = "" } = bySeq.get(seq) ?? {};
    return { id: seq, reason, by: actor, hid: hidden.get(seq) ?? 0 };
  };
  const snoozes = settings.snoozes
    .filter(({ until }) => until > now())
    .map(({ seq, rule, subject, from, until }) => ({ ...told(seq), rule, subject, from, until }));
  const exclusions = settings.exclusions.map(({ seq, name, text }) => {
    const { hid: _, ...rest } = told(seq);
    return { ...rest, name, text, at: bySeq.get(seq)?.at ?? 0 };
  });
  return { snoozes, entries: entriesOf(changes, settings, { told, now: now() }), exclusions };
}

type Told = { id: number; reason: string; by: string; hid: number };

/** On a list now, or from now on. */
function entriesOf(
  changes: readonly RuleChange[],
  settings: MerchantSettings,
  { told, now }: { told(seq: number): Told; now: number },
): EntryState[] {
  return changes.flatMap(({ kind, seq, key, value }) => {
    if (kind !== "list" || value.listed !== true) return [];
    const [list = "", folded = ""] = JSON.parse(key) as string[];
    const from = Number(value.from);
    const until = typeof value.until === "number" ? value.until : null;
    const current = settings.lists.entryAt(list, folded, Math.max(now, from));
    if (current !== seq) return [];
    const shown = { value: String(value.value), owner: String(value.owner ?? "") };
    return [{ ...told(seq), ...shown, list, from, until }];
  });
}
