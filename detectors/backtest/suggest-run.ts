// Tries a rule's knobs on labelled history by backtests. It only reports: nothing is set.
import { setImmediate as yieldToOthers } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import { labelsOf } from "../../stores/backtests.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { findMerchant } from "../../stores/merchants.ts";
import { loadRules } from "../engine/read/load.ts";
import { readKnobs, ruleNamed, setKnobs } from "../engine/tune/knobs.ts";
import { type BacktestRun, runBacktest } from "./backtest.ts";
import { checkSpan, inForce } from "./in-force.ts";
import {
  checkLabels,
  knobTries,
  outcomeOf,
  pickBetter,
  type Suggestion,
  sentenceOf,
  type Tried,
} from "./suggest.ts";

export type SuggestDeps = { db: Postgres; ch: ClickHouse; now: () => number };
export type SuggestRequest = { from: number; to: number; suggest: string };

/** What is to be tried. Throws RULE_INVALID for no such rule or one without knobs, REQUEST_INVALID for too few labels. */
export async function planSuggestion(
  { db, now }: Omit<SuggestDeps, "ch">,
  merchantId: string,
  request: SuggestRequest,
) {
  checkSpan(request);
  const merchant = await findMerchant(db, merchantId);
  if (merchant === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
  const own = await inForce(db, merchantId);
  const { rules } = loadRules(own.files, own.options);
  const rule = ruleNamed(rules, request.suggest);
  if (rule.knobs.length === 0) throw new AppError("RULE_INVALID", `"${rule.name}" has no knobs.`);
  const values = readKnobs(own.files, rules)[rule.name] ?? {};
  const { currency } = merchant;
  const span = { merchantId, currency, fromTs: request.from, toTs: request.to, lists: own.lists };
  const labels = checkLabels(await labelsOf(db, merchantId, span, now()), rule.detection);
  return { ...own, rules, rule, values, tries: knobTries(rule.knobs, values), labels, span };
}

export async function suggestKnobs(
  deps: SuggestDeps,
  { merchantId, request }: { merchantId: string; request: SuggestRequest },
  run: BacktestRun,
): Promise<Suggestion> {
  const plan = await planSuggestion(deps, merchantId, request);
  const { rule, values, tries, labels, files, options } = plan;
  const { from, to } = request;
  const frauds = labels.filter(({ label }) => label === "fraud").length;
  const of = { span: { ...plan.span, stores: 1 }, labels };
  const signal = run.signal;
  const names = plan.rules
    .filter(({ detection }) => detection === rule.detection)
    .map(({ name }) => name);
  const outcome = async (knobs: Readonly<Record<string, number>>, done: number, doing: string) => {
    signal?.throwIfAborted();
    run.onProgress?.(done / (tries.length + 1), doing);
    // Reading the rules holds the process for a moment: others get their turn between two tries.
    await yieldToOthers();
    const ruleset = loadRules(setKnobs(files, plan.rules, { [rule.name]: knobs }), options);
    const prepared = { after: ruleset, before: null, names: { after: names, before: [] } };
    const { after } = await runBacktest(deps.ch, prepared, of, { signal });
    const row = after.find(({ detection }) => detection === rule.detection);
    return outcomeOf(row, frauds, request);
  };
  const before = await outcome({}, 0, "in force");
  const tried: Tried[] = [];
  for (const [nth, { knob, value }] of tries.entries()) {
    const found = await outcome({ [knob]: value }, nth + 1, `${knob} = ${value}`);
    tried.push({ knob, value, present: values[knob] ?? Number.NaN, outcome: found });
  }
  const suggested = pickBetter(before, tried);
  return {
    ...{ merchant_id: merchantId, rule: rule.name, detection: rule.detection, from, to },
    labels: labels.filter(({ label }) => label !== "unsure").length,
    ...{ before, tried, suggested, sentence: sentenceOf(before, suggested) },
  };
}
