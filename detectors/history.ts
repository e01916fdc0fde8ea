// Runs rules over stored history: as SQL, with the same findings as the streaming engine; analytics by that engine itself.
import { AppError } from "../core/errors.ts";
import type { Event } from "../core/event.ts";
import { FIELD_SPECS } from "../core/event-fields.ts";
import type { Finding } from "../core/finding.ts";
import { currencyDecimals } from "../core/money.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import { eventTable } from "../stores/event-table.ts";
import { newestBySource, readEvents } from "../stores/events.ts";
import { createEngine } from "./engine/live/engine.ts";
import type { HistoryNeed } from "./engine/live/judge-again.ts";
import type { Rule, Ruleset } from "./engine/plan.ts";
import { scaleFor, scaleTiers } from "./engine/scale.ts";
import {
  compileRule,
  type HistoryFinding,
  type HistorySpan,
  readRow,
} from "./engine/sql/rule-sql.ts";
import { lookupIn } from "./engine/tune/lists.ts";
import { instantsOf } from "./rebuild.ts";

export type HistoryRun = {
  /** After each rule: how many of how many are done. */
  onProgress?(done: number, of: number, rule: string): void;
  /** Ends the running query in ClickHouse and throws what the signal carries. */
  signal?: AbortSignal;
};

/**
 * Findings of the named rules (all, without names) whose instants lie in the span, in order of time: rule by rule, analytics together. Rules that
 * are off run too: whoever asks decides. Throws REQUEST_INVALID for a span that ends before it starts or a rule that is not there,
 * STORE_UNAVAILABLE when a query takes too long or the engine is away.
 */
export async function* runHistory(
  ch: ClickHouse,
  ruleset: Ruleset,
  span: HistorySpan & { merchantId: string; rules?: readonly string[] },
  { onProgress, signal }: HistoryRun = {},
): AsyncGenerator<HistoryFinding[]> {
  const asked = rulesOf(ruleset, span);
  const isAnalytic = ({ name }: Rule) => {
    const plan = ruleset.plans.get(name);
    return plan?.kind === "correlation" && plan.analytic !== null;
  };
  const rules = asked.filter((rule) => !isAnalytic(rule));
  const analytics = asked.filter(isAnalytic);
  const scale = scaleFor(currencyDecimals(span.currency));
  for (const [done, rule] of rules.entries()) {
    signal?.throwIfAborted();
    const plan = ruleset.plans.get(rule.name);
    if (plan === undefined) continue;
    const { sql, params, groupBy, carry } = compileRule({ ruleset, rule, table: eventTable }, span);
    const tiers = scaleTiers(rule, plan, scale);
    const rows = ch.stream<Record<string, unknown>>(span.merchantId, sql, params, { signal });
    for await (const batch of rows) {
      signal?.throwIfAborted();
      yield batch.map((row) =>
        readRow({ rule, groupBy, carry, tiers, merchant: span.merchantId }, row),
      );
    }
    onProgress?.(done + 1, asked.length, rule.name);
  }
  if (analytics.length === 0) return;
  for await (const found of streamHistory({ ch, ruleset, rules: analytics }, span, signal)) {
    yield found.map(historyFinding);
  }
  for (const [nth, { name }] of analytics.entries()) {
    onProgress?.(rules.length + nth + 1, asked.length, name);
  }
}

/**
 * Analytics ask what a window function cannot say: their stored events go through the streaming engine, in order, all
 * of these rules in one reading. Out: whole findings.
 */
export async function* streamHistory(
  { ch, ruleset, rules }: { ch: ClickHouse; ruleset: Ruleset; rules: readonly Rule[] },
  span: HistorySpan & { merchantId: string; language?: string },
  signal?: AbortSignal,
): AsyncGenerator<Finding[]> {
  const { merchantId, currency, fromTs, toTs } = span;
  const lists = lookupIn(span.lists ?? new Map());
  const on = rules.map((rule): Rule => ({ ...rule, mode: "alert" }));
  const language = span.language ?? "en";
  const engine = createEngine({ ...ruleset, rules: on }, { merchantId, currency, lists, language });
  const reachMs = Math.max(...engine.reachByType().values());
  const range = {
    fromTs: fromTs - reachMs,
    toTs,
    eventTypes: [...engine.reachByType().keys()],
  };
  for await (const instant of instantsOf(readEvents(ch, merchantId, range))) {
    signal?.throwIfAborted();
    const found = engine.step(instant).filter(({ ts }) => ts >= fromTs);
    if (found.length > 0) yield found;
  }
  // How far each source had come by then, with whatever it sent: absences wait for that.
  const last = engine
    .finish(await newestBySource(ch, merchantId, toTs))
    .filter(({ ts }) => ts >= fromTs && ts <= toTs);
  if (last.length > 0) yield last;
}

/** Values of one question, which travel in a request's head; and questions before all is read instead. */
const MOST_VALUE_CHARS = 2500;
const MOST_QUESTIONS = 8;

/** The stored events that a need asks for, and perhaps some more: by its groups' values, or all where the groups are many. */
export async function readForNeed(
  { ch, merchant }: { ch: ClickHouse; merchant: { id: string } },
  need: HistoryNeed,
): Promise<Event[]> {
  const range = { fromTs: need.readFromTs, toTs: need.readToTs, eventTypes: need.eventTypes };
  const events: Event[] = [];
  for (const among of questionsOf(need)) {
    for await (const batch of readEvents(ch, merchant.id, { ...range, among }))
      events.push(...batch);
  }
  return events;
}

/** Group fields are asked one by one, so what comes may belong to groups in between; the engine parts them. */
function questionsOf({ groups, sharedFields }: HistoryNeed): Record<string, string[]>[] {
  const fields = sharedFields.filter((field) => FIELD_SPECS.get(field)?.kind === "s");
  if (fields.length === 0) return [{}];
  const questions: Map<string, Set<string>>[] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const { values } of groups) {
    const texts = fields.map((field) => values[field] ?? "");
    const more = texts.join("").length + 4 * texts.length;
    if (chars + more > MOST_VALUE_CHARS) {
      questions.push(new Map(fields.map((field) => [field, new Set<string>()])));
      chars = 0;
    }
    chars += more;
    for (const [at, field] of fields.entries())
      questions
        .at(-1)
        ?.get(field)
        ?.add(texts[at] ?? "");
  }
  if (questions.length > MOST_QUESTIONS) return [{}];
  return questions.map((one) =>
    Object.fromEntries([...one].map(([field, texts]) => [field, [...texts]])),
  );
}

function historyFinding(of: Finding): HistoryFinding {
  const { rule, rule_version: version, group, ts, value, level, subject } = of;
  const lastEventId = of.evidence.at(-1)?.event_id ?? "";
  const own = { rule, version, group, ts, value, level, subject, lastEventId };
  return { ...own, count: of.event_count, amount: of.amount ?? 0 };
}

function rulesOf(
  ruleset: Ruleset,
  { merchantId, fromTs, toTs, rules: names }: HistorySpan & { rules?: readonly string[] },
): readonly Rule[] {
  if (merchantId === "" || merchantId === "*") {
    throw new AppError("REQUEST_INVALID", "History is read for one merchant: name it.");
  }
  if (!Number.isSafeInteger(fromTs) || !Number.isSafeInteger(toTs) || fromTs > toTs) {
    const message = "A span of history needs whole UTC ms, and its start not after its end.";
    throw new AppError("REQUEST_INVALID", message);
  }
  const missing = names?.find((name) => !ruleset.rules.some((rule) => rule.name === name));
  if (missing !== undefined) {
    throw new AppError("REQUEST_INVALID", `There is no rule "${missing}" that makes findings.`);
  }
  return ruleset.rules.filter(({ name }) => names?.includes(name) !== false);
}
