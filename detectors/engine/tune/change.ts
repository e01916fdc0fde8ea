// Whether a merchant may change its rules so, and what is written down. Pure: what is in force comes in, changes go out.
import { maskCardData } from "../../../core/card-data.ts";
import { AppError } from "../../../core/errors.ts";
import { SUBJECT_TYPES, type Subject } from "../../../core/subject.ts";
import type { Mode, Rule } from "../plan.ts";
import { loadRules } from "../read/load.ts";
import { checkKnob, ruleNamed } from "./knobs.ts";
import {
  type Change,
  listKey,
  type MerchantSettings,
  type RuleSetting,
  snoozeKey,
} from "./settings.ts";
import { exclusionPath, type Tuner } from "./tuned.ts";

export type Decided = Pick<Change, "kind" | "key" | "value"> & { reason: string };

/** What decisions look at. `now`: UTC ms. */
export type Standing = { settings: MerchantSettings; tuner: Tuner; now: number };

const DAY_MS = 86_400_000;
const MOST_SNOOZES = 1000;
const MOST_EXCLUSIONS = 100;
const MOST_ENTRIES = 10_000;
/** Entries count from so much later, so that the running detectors have read them and history says the same. */
export const LIST_LEAD_MS = 2000;

const refuse = (message: string): never => {
  throw new AppError("REQUEST_INVALID", message);
};

function checkReason(reason: string): string {
  const text = reason.trim();
  if (text === "" || text.length > 500)
    return refuse("A reason is needed, at most 500 characters.");
  return noCardData(text, "The reason");
}

function noCardData(text: string, what: string): string {
  if (maskCardData(text).found.length === 0) return text;
  return refuse(`${what} holds a card number. Name the card by its token or last four digits.`);
}

/** `knobs`: null takes one back to the file's value. Throws RULE_INVALID for what does not exist or lies out of bounds. */
export function decideRule(
  { settings, tuner }: Standing,
  asked: {
    rule: string;
    mode?: Mode | undefined;
    knobs?: Readonly<Record<string, number | null>> | undefined;
    reason: string;
  },
): Decided[] {
  const rule = ruleNamed(tuner.catalogue.rules, asked.rule);
  if (asked.mode === undefined && asked.knobs === undefined) {
    refuse("Name a mode or knobs: there is nothing to change.");
  }
  const before = settings.rules.get(rule.name) ?? {};
  const mode = asked.mode ?? before.mode;
  const knobs = mergeKnobs(rule, before, asked.knobs ?? {});
  const value = { ...(mode === undefined ? {} : { mode }), knobs };
  return [{ kind: "settings", key: rule.name, value, reason: checkReason(asked.reason) }];
}

function mergeKnobs(
  rule: Rule,
  before: RuleSetting,
  asked: Readonly<Record<string, number | null>>,
): Record<string, number> {
  const knobs: Record<string, number> = { ...before.knobs };
  for (const [name, value] of Object.entries(asked)) {
    if (value === null) {
      checkKnob(rule, name, rule.knobs.find((knob) => knob.name === name)?.min ?? 0);
      delete knobs[name];
    } else {
      checkKnob(rule, name, value);
      knobs[name] = value;
    }
  }
  return knobs;
}

/** `rule`: a rule, a detection, or `*`. `until`: UTC ms, at most as far ahead as the rules allow. */
export function decideSnooze(
  { settings, tuner, now }: Standing,
  asked: { rule: string; subject: string; until: number; reason: string },
): Decided[] {
  const rules = rulesMeant(tuner.catalogue.rules, asked.rule);
  const most = Math.min(...rules.map(({ snoozeMaxMs }) => snoozeMaxMs));
  if (!Number.isSafeInteger(asked.until) || asked.until <= now) {
    refuse("A snooze ends in the future: until.");
  }
  if (asked.until > now + most) {
    refuse(`These rules may be snoozed for at most ${most / DAY_MS} days.`);
  }
  const inForce = settings.snoozes.filter(({ until }) => until > now);
  if (inForce.length >= MOST_SNOOZES) refuse(`${MOST_SNOOZES} snoozes are in force; end some.`);
  const key = snoozeKey(asked.rule, subjectOf(asked.subject));
  const value = { until: asked.until, from: now };
  return [{ kind: "snooze", key, value, reason: checkReason(asked.reason) }];
}

function rulesMeant(rules: readonly Rule[], word: string): readonly Rule[] {
  if (word === "*") return rules;
  const meant = rules.filter(({ name, detection }) => name === word || detection === word);
  return meant.length > 0 ? meant : [ruleNamed(rules, word)];
}

function subjectOf(text: string): Subject {
  const cut = text.indexOf(":");
  const type = text.slice(0, Math.max(0, cut));
  if (!SUBJECT_TYPES.some((one) => one === type) || cut === text.length - 1 || text.length > 300) {
    refuse(`A subject is type:id, such as cashier:k7; types: ${SUBJECT_TYPES.join(", ")}.`);
  }
  return noCardData(text, "The subject") as Subject;
}

export function decideSnoozeEnd(
  { settings, now }: Standing,
  asked: { seq: number; reason: string },
): Decided[] {
  const snooze = settings.snoozes.find(({ seq, until }) => seq === asked.seq && until > now);
  if (snooze === undefined) throw new AppError("NOT_FOUND", "No such snooze is in force.");
  const { rule, subject, from } = snooze;
  // What it hid stays hidden: it ends now, and began when it did.
  const value = { from, until: now };
  return [
    { kind: "snooze", key: snoozeKey(rule, subject), value, reason: checkReason(asked.reason) },
  ];
}

const LIST_NAME = /^[a-z][a-z0-9_]{0,39}$/;

/** `until`: UTC ms, null = no end; with `listed: false` the values come off the list. */
export function decideEntries(
  { settings, now }: Standing,
  asked: {
    list: string;
    values: readonly string[];
    listed: boolean;
    until: number | null;
    owner: string;
    reason: string;
  },
): Decided[] {
  if (!LIST_NAME.test(asked.list)) {
    refuse("A list's name has small letters, digits and _, at most 40, such as office_addresses.");
  }
  if (asked.until !== null && asked.until <= now + LIST_LEAD_MS) {
    refuse("An entry ends in the future: until.");
  }
  const reason = checkReason(asked.reason);
  const values = [...new Set(asked.values.map((value) => value.trim()))].map(checkValue);
  if (values.length === 0) refuse("Name at least one value.");
  const known = settings.lists.forSql.get(asked.list) ?? [];
  if (asked.listed && known.length + values.length > MOST_ENTRIES) {
    refuse(`A list holds at most ${MOST_ENTRIES} entries, past ones included.`);
  }
  const gone = values.find(
    (value) => settings.lists.entryAt(asked.list, value, now + LIST_LEAD_MS) === undefined,
  );
  if (!asked.listed && gone !== undefined) {
    throw new AppError("NOT_FOUND", `"${gone}" is not on the list ${asked.list}.`);
  }
  const value = {
    listed: asked.listed,
    until: asked.until,
    from: now + LIST_LEAD_MS,
    owner: noCardData(asked.owner, "The owner"),
  };
  return values.map((text) => ({
    kind: "list" as const,
    key: listKey(asked.list, text),
    value: { ...value, value: text },
    reason,
  }));
}

function checkValue(text: string): string {
  if (text === "" || text.length > 200 || /\p{Cc}/u.test(text)) {
    refuse("A list's value has 1 to 200 characters, none of them control characters.");
  }
  return noCardData(text, "A value");
}

/** One Sigma filter with tillwatch: {owner, reason, expires}. Throws RULE_INVALID with every mistake. */
export function decideExclusion(
  { settings, tuner }: Standing,
  asked: { text: string; reason: string },
): Decided[] {
  const name = /^name:[ \t]*["']?([a-z0-9_]{1,64})["']?[ \t]*$/m.exec(asked.text)?.[1];
  if (name === undefined || !/^filter:/m.test(asked.text)) {
    throw new AppError(
      "RULE_INVALID",
      "An exclusion is one Sigma filter document with a name (small letters, digits, _) and a filter.",
    );
  }
  noCardData(asked.text, "The exclusion");
  const others = settings.exclusions.filter((one) => one.name !== name);
  if (others.length >= MOST_EXCLUSIONS) refuse(`${MOST_EXCLUSIONS} exclusions are in force.`);
  const { files, ruleset } = tuner.tune({ ...settings, exclusions: others });
  const path = exclusionPath(name);
  const after = loadRules([...files, { path, text: asked.text }], { lists: settings.lists.names });
  if (after.plans.size !== ruleset.plans.size) {
    throw new AppError("RULE_INVALID", "An exclusion holds a filter alone, no rules.");
  }
  const value = { text: asked.text };
  return [{ kind: "exclusion", key: name, value, reason: checkReason(asked.reason) }];
}

export function decideExclusionEnd(
  { settings }: Standing,
  asked: { name: string; reason: string },
): Decided[] {
  if (!settings.exclusions.some(({ name }) => name === asked.name)) {
    throw new AppError("NOT_FOUND", `There is no exclusion "${asked.name}".`);
  }
  const reason = checkReason(asked.reason);
  return [{ kind: "exclusion", key: asked.name, value: {}, reason }];
}
