// Reads a Sigma `correlation:` section: which rules, by which fields, over which window, at which value.
import { FIELD_SPECS } from "../../../core/event-fields.ts";
import { parseSpan } from "../../../core/time.ts";
import {
  CORRELATION_TYPES,
  type Comparison,
  type CorrelationPlan,
  type CorrelationType,
  meets,
} from "../plan.ts";
import { didYouMean } from "./fault.ts";
import {
  entriesOf,
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
const NOT_YET = ["value_avg", "value_percentile", "value_median"];
const UNGROUPABLE = ["received_ts", "is_late", "event_id", "merchant_id", "ts"];

/** The plan of a correlation document (its rules' names are checked later), or undefined after a fault. */
export function parseCorrelation(
  source: Source,
  name: string,
  node: unknown,
): CorrelationPlan | undefined {
  const before = source.faults.length;
  const keys = keysOf(source, node, KEYS, "correlation");
  if (keys.has("aliases")) {
    source.fault(keys.get("aliases"), `"aliases" is Sigma, but it is not built here yet.`);
  }
  const type = parseType(source, keys.get("type") ?? node, keys.has("type"));
  const rules = keys.has("rules") ? textsOf(source, keys.get("rules"), "rules") : [];
  if (rules.length === 0)
    source.fault(node, `correlation needs "rules": names of other documents.`);
  if (new Set(rules).size !== rules.length)
    source.fault(keys.get("rules"), "A rule is named twice.");
  const groupBy = parseGroupBy(source, keys.get("group-by"));
  const spanMs = parseTimespan(source, keys.get("timespan") ?? node, keys.has("timespan"));
  if (type === undefined || source.faults.length > before) return undefined;
  const condition = parseCondition(source, type, keys.get("condition"), node);
  const money = type === "value_sum" && FIELD_SPECS.get(condition.fields[0] ?? "")?.kind === "m";
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
    rules,
    groupBy,
    spanMs,
    money,
    ...condition,
  };
}

function parseType(source: Source, node: unknown, given: boolean): CorrelationType | undefined {
  if (!given) {
    source.fault(node, `correlation needs "type".`);
    return undefined;
  }
  const value = scalarOf(source, node, "type");
  if (NOT_YET.includes(String(value))) {
    source.fault(node, `The correlation type "${value}" is not built here yet.`);
    return undefined;
  }
  return wordOf(source, node, CORRELATION_TYPES, "type");
}

function parseGroupBy(source: Source, node: unknown): string[] {
  if (node === undefined) return [];
  const fields = isSeq(node)
    ? textsOf(source, node, "group-by")
    : [textOf(source, node, "group-by")];
  for (const field of fields) {
    if (!FIELD_SPECS.has(field) || UNGROUPABLE.includes(field)) {
      const hint = didYouMean(field, FIELD_SPECS.keys());
      source.fault(node, `group-by cannot use "${field}".${hint}`);
    }
  }
  if (new Set(fields).size !== fields.length) source.fault(node, "group-by names a field twice.");
  return fields;
}

function parseTimespan(source: Source, node: unknown, given: boolean): number {
  const text = given ? textOf(source, node, "timespan") : "";
  const span = /ms$/.test(text) ? undefined : parseSpan(text);
  if (span === undefined || span === 0) {
    source.fault(
      node,
      "timespan must be a number with s, m, h or d, such as 10m (w, M and y are not read).",
    );
    return 1;
  }
  if (span > MAX_SPAN_MS)
    source.fault(node, "timespan may be at most 35d; longer is for an analytic.");
  return span;
}

function parseCondition(
  source: Source,
  type: CorrelationType,
  node: unknown,
  parent: unknown,
): { comparisons: Comparison[]; fields: string[] } {
  const nothing = { comparisons: [], fields: [] };
  if (type.startsWith("temporal")) {
    if (node !== undefined) {
      source.fault(
        node,
        "A condition on a temporal correlation is not built here yet; leave it out.",
      );
    }
    return nothing;
  }
  if (node === undefined) {
    source.fault(parent, `${type} needs a condition such as {gte: 5}.`);
    return nothing;
  }
  const comparisons: Comparison[] = [];
  let fields: string[] = [];
  for (const { key, keyNode, value } of entriesOf(source, node, "condition")) {
    const compare = COMPARES.find((known) => known === key);
    if (compare !== undefined) {
      comparisons.push({ compare, value: wholeOf(source, value, key) });
    } else if (key === "field" && type !== "event_count") {
      fields = isSeq(value) ? textsOf(source, value, "field") : [textOf(source, value, "field")];
    } else {
      source.fault(
        keyNode,
        `condition has no key "${key}".${didYouMean(key, [...COMPARES, "field"])}`,
      );
    }
  }
  checkCondition({ source, type, node, comparisons, fields });
  return { comparisons, fields };
}

function checkCondition(of: {
  source: Source;
  type: CorrelationType;
  node: unknown;
  comparisons: readonly Comparison[];
  fields: readonly string[];
}): void {
  const { source, type, node, comparisons, fields } = of;
  if (comparisons.length === 0) {
    source.fault(node, `condition needs a comparison: ${COMPARES.join(", ")}.`);
  } else if (type !== "value_sum" && meets(0, comparisons)) {
    source.fault(
      node,
      "This condition also holds when nothing happened; use absence_after for that.",
    );
  }
  if (type === "event_count") return;
  if (fields.length === 0) source.fault(node, `${type} needs "field" in its condition.`);
  for (const field of fields) {
    const kind = FIELD_SPECS.get(field)?.kind;
    if (kind === undefined || UNGROUPABLE.includes(field)) {
      source.fault(node, `"${field}" cannot be counted.${didYouMean(field, FIELD_SPECS.keys())}`);
    } else if (type === "value_sum" && ["s", "b", "l", "t", "deg"].includes(kind)) {
      source.fault(node, `"${field}" is not a number that can be added.`);
    }
  }
  if (type === "value_sum" && fields.length > 1) source.fault(node, "value_sum takes one field.");
}
