// Acts on a merchant's rules: mode and knobs, snoozes, lists, exclusions. Each change has a reason and is kept.
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { loadCatalogue, readRuleFiles } from "../../detectors/catalogue.ts";
import { MODES } from "../../detectors/engine/plan.ts";
import {
  type Decided,
  decideEntries,
  decideExclusion,
  decideExclusionEnd,
  decideRule,
  decideSnooze,
  decideSnoozeEnd,
  type Standing,
} from "../../detectors/engine/tune/change.ts";
import { settingsOf } from "../../detectors/engine/tune/settings.ts";
import { createTuner } from "../../detectors/engine/tune/tuned.ts";
import { change } from "../../detectors/settings/changes.ts";
import { inForce } from "../../detectors/settings/overview.ts";
import { findMerchant } from "../../stores/merchants.ts";
import { listRuleChanges, rulesInForce } from "../../stores/rule-settings.ts";
import { type ActDeps, type ActResult, defineAct, Id, typedText } from "./act.ts";

const MERCHANT = { value: "ID", about: "the merchant" };
const RULE = { value: "NAME", about: "the rule, as `rules -- list` names it" };
const REASON = { value: "TEXT", about: "why; it stands in the history" };
const LIST = { value: "NAME", about: "allow, block, watch, or a name of your own" };
const VALUES = { value: "VALUE", about: "again for more", many: true };
const Reason = typedText(500);
const Values = z.array(z.string()).min(1, "name at least one --value");
const DAY_MS = 86_400_000;
const Days = z.coerce.number().positive().max(3650);

async function changed(
  deps: ActDeps,
  merchant: string,
  decide: (standing: Standing) => readonly Decided[],
): Promise<ActResult> {
  await known(deps, merchant);
  const tuner = createTuner(loadCatalogue(), readRuleFiles);
  const by = { merchantId: merchant, actor: "cli", address: null };
  const changes = await change({ db: deps.db, tuner, now: deps.now }, by, decide);
  return { changes: changes.map(({ seq, kind, key, value }) => ({ id: seq, kind, key, value })) };
}

async function known({ db }: ActDeps, merchant: string): Promise<void> {
  if ((await findMerchant(db, merchant)) !== undefined) return;
  throw new AppError("NOT_FOUND", `There is no merchant ${merchant}.`);
}

export const ruleSet = defineAct({
  name: "rule set",
  about:
    "Sets a rule's mode and knobs for one merchant. A running service follows within a second.",
  options: {
    merchant: MERCHANT,
    rule: RULE,
    mode: { value: "MODE", about: "off, shadow (findings kept, nobody told) or alert" },
    knob: {
      value: "NAME=VALUE",
      about: "a knob; NAME=file takes it back; again for more",
      many: true,
    },
    reason: REASON,
  },
  input: z.strictObject({
    merchant: Id,
    rule: z.string(),
    mode: z.enum(MODES).optional(),
    knob: z.array(z.string()).optional(),
    reason: Reason,
  }),
  run: (deps, { merchant, knob, ...rest }) => {
    const knobs = knob === undefined ? undefined : Object.fromEntries(knob.map(knobOf));
    return changed(deps, merchant, (standing) => decideRule(standing, { ...rest, knobs }));
  },
});

function knobOf(text: string): [string, number | null] {
  const match = /^([a-z0-9_]+)=(file|-?\d+(?:\.\d+)?)$/.exec(text);
  const [, name = "", value = ""] = match ?? [];
  if (match !== null) return [name, value === "file" ? null : Number(value)];
  throw new AppError("REQUEST_INVALID", `--knob is NAME=NUMBER or NAME=file, not "${text}".`);
}

export const ruleShow = defineAct({
  name: "rule show",
  about: "What a merchant set for a rule, its version now, and who changed it when and why.",
  options: { merchant: MERCHANT, rule: RULE },
  input: z.strictObject({ merchant: Id, rule: z.string() }),
  async run(deps, { merchant, rule }) {
    await known(deps, merchant);
    const settings = settingsOf(await rulesInForce(deps.db, merchant));
    const { ruleset } = createTuner(loadCatalogue(), readRuleFiles).tune(settings);
    const found = ruleset.rules.find(({ name }) => name === rule);
    if (found === undefined) throw new AppError("NOT_FOUND", `There is no rule "${rule}".`);
    const changes = await listRuleChanges(deps.db, merchant, { kind: "settings", key: rule });
    return { rule, version: found.version, set: settings.rules.get(rule) ?? {}, changes };
  },
});

export const snoozeAdd = defineAct({
  name: "snooze add",
  about: "Tells nobody of a subject's findings for some days.",
  options: {
    merchant: MERCHANT,
    rule: { value: "NAME", about: "a rule, a detection, or * for all (the default)" },
    subject: { value: "TYPE:ID", about: "such as cashier:k7" },
    days: { value: "DAYS", about: "how long" },
    reason: REASON,
  },
  input: z.strictObject({
    merchant: Id,
    rule: z.string().default("*"),
    subject: z.string(),
    days: Days,
    reason: Reason,
  }),
  run: (deps, { merchant, days, ...rest }) =>
    changed(deps, merchant, (standing) =>
      decideSnooze(standing, { ...rest, until: Math.round(standing.now + days * DAY_MS) }),
    ),
});

export const snoozeList = defineAct({
  name: "snooze list",
  about: "Snoozes in force, and how much each hid.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  run: async (deps, { merchant }) => ({ snoozes: (await inForce(deps, merchant)).snoozes }),
});

export const snoozeEnd = defineAct({
  name: "snooze end",
  about: "Ends a snooze now.",
  options: {
    merchant: MERCHANT,
    id: { value: "N", about: "as `snooze list` has it" },
    reason: REASON,
  },
  input: z.strictObject({ merchant: Id, id: z.coerce.number().int(), reason: Reason }),
  run: (deps, { merchant, id, reason }) =>
    changed(deps, merchant, (standing) => decideSnoozeEnd(standing, { seq: id, reason })),
});

export const listAdd = defineAct({
  name: "list add",
  about:
    "Puts values on a list: allow (told of never), block, watch, or one that your filters name.",
  options: {
    merchant: MERCHANT,
    list: LIST,
    value: VALUES,
    days: { value: "DAYS", about: "for how long; without it, until it is taken off" },
    owner: { value: "NAME", about: "who answers for it" },
    reason: REASON,
  },
  input: z.strictObject({
    merchant: Id,
    list: z.string(),
    value: Values,
    days: Days.optional(),
    owner: typedText(200).default("cli"),
    reason: Reason,
  }),
  run: (deps, { merchant, value: values, days, ...rest }) =>
    changed(deps, merchant, (standing) => {
      const until = days === undefined ? null : Math.round(standing.now + days * DAY_MS);
      return decideEntries(standing, { ...rest, values, listed: true, until });
    }),
});

export const listRemove = defineAct({
  name: "list remove",
  about: "Takes values off a list.",
  options: { merchant: MERCHANT, list: LIST, value: VALUES, reason: REASON },
  input: z.strictObject({ merchant: Id, list: z.string(), value: Values, reason: Reason }),
  run: (deps, { merchant, value: values, ...rest }) =>
    changed(deps, merchant, (standing) =>
      decideEntries(standing, { ...rest, values, listed: false, until: null, owner: "cli" }),
    ),
});

export const listShow = defineAct({
  name: "list show",
  about:
    "What is on the lists, why, until when, and how many findings each entry kept from being told.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  run: async (deps, { merchant }) => ({ entries: (await inForce(deps, merchant)).entries }),
});

export const exclusionSet = defineAct({
  name: "exclusion set",
  about: "Leaves events out of rules by a Sigma filter.",
  options: {
    merchant: MERCHANT,
    filter: {
      value: "TEXT",
      about: "the filter's text; - reads it from standard input",
      secret: true,
    },
    reason: REASON,
  },
  input: z.strictObject({ merchant: Id, filter: z.string().max(65_536), reason: Reason }),
  run: (deps, { merchant, filter: text, reason }) =>
    changed(deps, merchant, (standing) => decideExclusion(standing, { text, reason })),
});

export const exclusionList = defineAct({
  name: "exclusion list",
  about: "Exclusions in force.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  run: async (deps, { merchant }) => ({ exclusions: (await inForce(deps, merchant)).exclusions }),
});

export const exclusionRemove = defineAct({
  name: "exclusion remove",
  about: "Takes an exclusion back.",
  options: {
    merchant: MERCHANT,
    name: { value: "NAME", about: "the filter's name" },
    reason: REASON,
  },
  input: z.strictObject({ merchant: Id, name: z.string(), reason: Reason }),
  run: (deps, { merchant, ...rest }) =>
    changed(deps, merchant, (standing) => decideExclusionEnd(standing, rest)),
});
