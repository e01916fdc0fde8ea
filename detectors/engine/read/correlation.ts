// Reads a Sigma `correlation:` section: which rules, by which fields, over which window, at which value.
import { FIELD_SPECS } from "../../../core/event-fields.ts";
import { parseSpan } from "../../../core/time.ts";
import {
  type BoolExpr,
  CORRELATION_TYPES,
  type Comparison,
  type CorrelationPlan,
  type CorrelationType,
  meets,
} from "../plan.ts";
import { parseAliases } from "./aliases.ts";
import { didYouMean } from "./fault.ts";
import { parseWhen } from "./when.ts";
import {
  entriesOf,
  isMap,
  isSeq,
  keysOf,
  type Source,
  scalarOf,
  textOf,
  textsOf,
  wholeOf,
  wordOf,
} from "./yaml-source.ts";

const MAX_SPAN_MS = 35 * 86_400_000;
const COMPARES = ["lt", "lte", "gt", "gte", "eq", "neq"] as const;
const KEYS = ["type", "rules", "group-by", "timespan", "condition", "generate", "aliases"];
const UNGROUPABLE = ["received_ts", "is_late", "event_id", "merchant_id", "ts"];

/** The plan of a correlation document (its rules' names are checked later), or undefined after a fault. */
export function parseCorrelation(
  source: Source,
  name: string,
  node: unknown,
): CorrelationPlan | undefined {
  const before = source.faults.length;
  const keys = keysOf(source, node, KEYS, "correlation");
  const type = parseType(source, keys.get("type") ?? node, keys.has("type"));
  const rules = keys.has("rules") ? textsOf(source, keys.get("rules"), "rules") : [];
  if (rules.length === 0)
    source.fault(node, `correlation needs "rules": names of other documents.`);
  if (new Set(rules).size !== rules.length)
    source.fault(keys.get("rules"), "A rule is named twice.");
  const aliases = parseAliases(source, keys.get("aliases"), rules);
  const groupBy = parseGroupBy(source, keys.get("group-by"), aliases);
  const spanMs = parseTimespan(source, keys.get("timespan") ?? node, keys.has("timespan"));
  if (type === undefined || source.faults.length > before) return undefined;
  const condition = parseCondition(source, { type, rules, node: keys.get("condition") }, node);
  const isMeasured = MEASURED.includes(type);
  const money = isMeasured && FIELD_SPECS.get(condition.fields[0] ?? "")?.kind === "m";
  // Sums never mix currencies (R9, R37).
  if (money && !groupBy.includes("currency")) groupBy.push("currency");
  if (source.faults.length > before) return undefined;
  const generate =
    keys.has("generate") && scalarOf(source, keys.get("generate"), "generate") === true;
  return {
    kind: "correlation",
    generate,
    name,
    file: source.file,
    type,
    analytic: null,
    rules,
    groupBy,
    spanMs,
    money,
    aliases,
    ...condition,
  };
}

function parseType(source: Source, node: unknown, given: boolean): CorrelationType | undefined {
  if (!given) {
    source.fault(node, `correlation needs "type".`);
    return undefined;
  }
  if (scalarOf(source, node, "type") === "value_median") {
    source.fault(node, "value_median is not Sigma; write value_percentile with percentile: 50.");
    return undefined;
  }
  return wordOf(source, node, CORRELATION_TYPES, "type");
}

/** Fields that tell groups apart; none without a node. */
export function parseGroupBy(
  source: Source,
  node: unknown,
  aliases: CorrelationPlan["aliases"],
): string[] {
  if (node === undefined) return [];
  const fields = isSeq(node)
    ? textsOf(source, node, "group-by")
    : [textOf(source, node, "group-by")];
  for (const field of fields) {
    if (aliases.has(field)) continue;
    if (!FIELD_SPECS.has(field) || UNGROUPABLE.includes(field)) {
      const hint = didYouMean(field, FIELD_SPECS.keys());
      source.fault(node, `group-by cannot use "${field}".${hint}`);
    }
  }
  if (new Set(fields).size !== fields.length) source.fault(node, "group-by names a field twice.");
  return fields;
}

/** A span in ms, at most `most`. */
export function parseTimespan(
  source: Source,
  node: unknown,
  given: boolean,
  most = MAX_SPAN_MS,
): number {
  const text = given ? textOf(source, node, "timespan") : "";
  const span = /ms$/.test(text) ? undefined : parseSpan(text);
  if (span === undefined || span === 0) {
    source.fault(
      node,
      "timespan must be a number with s, m, h or d, such as 10m (w, M and y are not read).",
    );
    return 1;
  }
  if (span > most) {
    const days = Math.round(most / 86_400_000);
    source.fault(node, `timespan may be at most ${days}d; longer is for an analytic.`);
  }
  return span;
}

/** Types that measure a field's numbers. */
const MEASURED: readonly CorrelationType[] = ["value_sum", "value_avg", "value_percentile"];
type Condition = Pick<CorrelationPlan, "comparisons" | "fields" | "percentile" | "when">;

function parseCondition(
  source: Source,
  of: { type: CorrelationType; rules: readonly string[]; node: unknown },
  parent: unknown,
): Condition {
  const { type, rules, node } = of;
  const nothing: Condition = { comparisons: [], fields: [], percentile: null, when: null };
  if (type === "temporal" || type === "temporal_ordered") {
    if (node === undefined) return nothing;
    const when: BoolExpr | undefined = parseWhen(source, node, { type, rules });
    return { ...nothing, when: when ?? null };
  }
  if (node === undefined) {
    source.fault(parent, `${type} needs a condition such as {gte: 5}.`);
    return nothing;
  }
  if (!isMap(node)) {
    source.fault(node, `The condition of ${type} is a map such as {gte: 5}.`);
    return nothing;
  }
  const condition = parseComparisons(source, type, node);
  checkCondition({ source, type, node, ...condition });
  return { ...condition, when: null };
}

function parseComparisons(
  source: Source,
  type: CorrelationType,
  node: unknown,
): Omit<Condition, "when"> {
  const comparisons: Comparison[] = [];
  let fields: string[] = [];
  let percentile: number | null = null;
  // Sums of refunds and differences may be negative; counts may not.
  const least = MEASURED.includes(type) ? Number.MIN_SAFE_INTEGER : 0;
  for (const { key, keyNode, value } of entriesOf(source, node, "condition")) {
    const compare = COMPARES.find((known) => known === key);
    if (compare !== undefined) {
      comparisons.push({ compare, value: wholeOf(source, value, key, least) });
    } else if (key === "field" && type !== "event_count") {
      fields = isSeq(value) ? textsOf(source, value, "field") : [textOf(source, value, "field")];
    } else if (key === "percentile" && type === "value_percentile") {
      percentile = percentileOf(source, value);
    } else {
      const known = [...COMPARES, "field", "percentile"];
      source.fault(keyNode, `condition has no key "${key}".${didYouMean(key, known)}`);
    }
  }
  return { comparisons, fields, percentile };
}

function percentileOf(source: Source, node: unknown): number {
  const value = scalarOf(source, node, "percentile");
  if (typeof value === "number" && value >= 0 && value <= 100) return value;
  source.fault(node, "percentile is a number from 0 to 100.");
  return 50;
}

function checkCondition(of: {
  source: Source;
  type: CorrelationType;
  node: unknown;
  comparisons: readonly Comparison[];
  fields: readonly string[];
  percentile: number | null;
}): void {
  const { source, type, node, comparisons, fields } = of;
  const isMeasured = MEASURED.includes(type);
  if (comparisons.length === 0) {
    source.fault(node, `condition needs a comparison: ${COMPARES.join(", ")}.`);
  } else if (!isMeasured && meets(0, comparisons)) {
    source.fault(
      node,
      "This condition also holds when nothing happened; use absence_after for that.",
    );
  }
  if (type === "event_count") return;
  if (fields.length === 0) source.fault(node, `${type} needs "field" in its condition.`);
  for (const field of fields) checkField(source, node, { type, field });
  if (isMeasured && fields.length > 1) source.fault(node, `${type} takes one field.`);
  if (type === "value_percentile" && of.percentile === null) {
    source.fault(node, "value_percentile needs percentile, such as percentile: 95.");
  }
}

function checkField(
  source: Source,
  node: unknown,
  { type, field }: { type: CorrelationType; field: string },
): void {
  const kind = FIELD_SPECS.get(field)?.kind;
  if (kind === undefined || UNGROUPABLE.includes(field)) {
    source.fault(node, `"${field}" cannot be counted.${didYouMean(field, FIELD_SPECS.keys())}`);
  } else if (MEASURED.includes(type) && ["s", "b", "l", "t", "deg"].includes(kind)) {
    source.fault(node, `"${field}" is not a number that can be added.`);
  }
}
