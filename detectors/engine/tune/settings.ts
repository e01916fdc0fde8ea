// What a merchant made of the rules, from its changes in order; and what that means for one finding. Pure.
import type { Finding } from "../../../core/finding.ts";
import type { Subject } from "../../../core/subject.ts";
import type { Mode, Rule } from "../plan.ts";
import { type ListBook, type ListChange, listBook } from "./lists.ts";

/** What a merchant set for one rule. */
export type RuleSetting = { mode?: Mode; knobs?: Readonly<Record<string, number>> };

/** `rule`: a rule, a detection, or `*`. It hides findings on the subject whose instants lie in [from, until), UTC ms. */
export type Snooze = {
  seq: number;
  rule: string;
  subject: Subject;
  from: number;
  until: number;
};

/** A Sigma filter as text: events that it meets count for none of the rules that it names. */
export type Exclusion = { seq: number; name: string; text: string };

/** `seq`: the newest change, 0 without any. */
export type MerchantSettings = {
  seq: number;
  rules: ReadonlyMap<string, RuleSetting>;
  snoozes: readonly Snooze[];
  exclusions: readonly Exclusion[];
  lists: ListBook;
};

/** A stored change; see stores/rule-settings.ts. */
export type Change = {
  seq: number;
  at: number;
  kind: "settings" | "snooze" | "list" | "exclusion";
  key: string;
  value: Readonly<Record<string, unknown>>;
};

/** In: the newest change of each key, every change of lists; in order of seq. */
export function settingsOf(changes: readonly Change[]): MerchantSettings {
  const rules = new Map<string, RuleSetting>();
  const snoozes: Snooze[] = [];
  const exclusions: Exclusion[] = [];
  const lists: ListChange[] = [];
  let seq = 0;
  for (const change of changes) {
    seq = Math.max(seq, change.seq);
    const { key, value } = change;
    if (change.kind === "settings") rules.set(key, value as RuleSetting);
    else if (change.kind === "snooze") snoozes.push(...snoozeOf(change));
    else if (change.kind === "list") lists.push(listChangeOf(change));
    else if (typeof value.text === "string")
      exclusions.push({ seq: change.seq, name: key, text: value.text });
  }
  return { seq, rules, snoozes, exclusions, lists: listBook(lists) };
}

export const snoozeKey = (rule: string, of: Subject): string => JSON.stringify([rule, of]);
export const listKey = (list: string, value: string): string =>
  JSON.stringify([list, value.toLowerCase()]);

function snoozeOf({ seq, at, key, value }: Change): Snooze[] {
  const [rule, subject] = JSON.parse(key) as [string, Subject];
  const until = Number(value.until);
  const from = typeof value.from === "number" ? value.from : at;
  return until > from ? [{ seq, rule, subject, from, until }] : [];
}

function listChangeOf({ seq, at, key, value }: Change): ListChange {
  const [list, folded] = JSON.parse(key) as [string, string];
  const until = typeof value.until === "number" ? value.until : null;
  const from = typeof value.from === "number" ? value.from : at;
  return { seq, from, list, value: folded, listed: value.listed === true, until };
}

/** Nothing set: all rules that their files do not switch off make alerts. */
export function modeOf(rule: Pick<Rule, "mode">, setting: RuleSetting | undefined): Mode {
  return setting?.mode ?? (rule.mode === "off" ? "off" : "alert");
}

/** What becomes of a finding: `shadow` = kept, nobody is told; `hidden_by` = the change (seq) that hides it. */
export type Fate = { shadow: boolean; hidden_by: number | null };

type Told = Pick<Finding, "rule" | "detection" | "subject" | "group" | "ts">;

/** `rule`: of the finding; undefined for one that is not there any more. */
export function fateOf(
  finding: Told,
  settings: MerchantSettings,
  rule: Pick<Rule, "mode" | "exclusions"> | undefined,
): Fate {
  const mode = rule === undefined ? "alert" : modeOf(rule, settings.rules.get(finding.rule));
  const hiddenBy = snoozedBy(finding, settings) ?? listedBy(finding, settings, rule);
  return { shadow: mode !== "alert", hidden_by: hiddenBy ?? null };
}

function snoozedBy(finding: Told, { snoozes }: MerchantSettings): number | undefined {
  const { rule, detection, subject, ts } = finding;
  return snoozes.find(
    (one) =>
      (one.rule === "*" || one.rule === rule || one.rule === detection) &&
      one.subject === subject &&
      one.from <= ts &&
      ts < one.until,
  )?.seq;
}

/** The subject itself, or a value that the rule groups by, is on the allow list or one that the rule names. */
function listedBy(
  { subject, group, ts }: Told,
  { lists }: MerchantSettings,
  rule: Pick<Rule, "exclusions"> | undefined,
): number | undefined {
  const values = new Set([subject.slice(subject.indexOf(":") + 1), ...Object.values(group)]);
  for (const list of ["allow", ...(rule?.exclusions ?? [])]) {
    for (const value of values) {
      const seq = lists.entryAt(list, value, ts);
      if (seq !== undefined) return seq;
    }
  }
  return undefined;
}
