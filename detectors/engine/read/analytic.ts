// Reads an `analytic:` section: what Sigma cannot say. Its rules are detections, by name.
import { FIELD_SPECS } from "../../../core/event-fields.ts";
import type { Aggregate, Analytic, Comparison, CorrelationPlan } from "../plan.ts";
import { readAbsenceAfter, readAbsenceBefore } from "./absence.ts";
import { readBaseline } from "./baseline.ts";
import { parseGroupBy, parseTimespan } from "./correlation.ts";
import { didYouMean } from "./fault.ts";
import { parseRatio, ratioNames } from "./ratio.ts";
import {
  entriesOf,
  itemsOf,
  keysOf,
  type Source,
  textOf,
  textsOf,
  wholeOf,
  wordOf,
} from "./yaml-source.ts";

const KINDS = [
  "new_value",
  "ratio",
  "baseline",
  "absence_after",
  "absence_before",
  "geo_velocity",
] as const;
const MAX_HISTORY_MS = 90 * 86_400_000;

type Kind = (typeof KINDS)[number];
type Read = Pick<CorrelationPlan, "rules" | "spanMs" | "comparisons" | "fields"> & {
  analytic: Analytic;
  aliases?: CorrelationPlan["aliases"];
};

/** The plan of an analytic document, or undefined after a fault. */
export function parseAnalytic(
  source: Source,
  name: string,
  node: unknown,
): CorrelationPlan | undefined {
  const before = source.faults.length;
  const all = [...Object.values(OWN), ...Object.values(OPTIONAL)].flat();
  const keys = keysOf(source, node, [...new Set([...COMMON, ...all])], "analytic");
  const kind = parseKind(source, keys, node);
  if (kind === undefined) return undefined;
  const known = [...COMMON, ...OWN[kind], ...(OPTIONAL[kind] ?? [])];
  const strange = [...keys.keys()].find((key) => !known.includes(key));
  if (strange !== undefined) source.fault(keys.get(strange), `${kind} has no key "${strange}".`);
  const missing = OWN[kind].find((key) => !keys.has(key));
  if (missing !== undefined) source.fault(node, `${kind} needs "${missing}".`);
  if (source.faults.length > before) return undefined;
  const groupBy = parseGroupBy(source, keys.get("group-by"), new Map());
  const read = READERS[kind](source, keys, groupBy);
  if (source.faults.length > before) return undefined;
  const fixed = { kind: "correlation", type: "analytic", generate: false, money: false } as const;
  const none = { percentile: null, when: null, aliases: new Map<string, Map<string, string>>() };
  return { ...fixed, ...none, ...read, name, file: source.file, groupBy };
}

const COMMON = ["kind", "group-by"];
const OWN: Readonly<Record<Kind, readonly string[]>> = {
  new_value: ["rules", "field", "history", "min_support"],
  ratio: ["timespan", "aggregates", "condition"],
  baseline: ["rules", "measure", "bucket", "against", "history", "method", "floor", "condition"],
  absence_after: ["after", "expect", "within"],
  absence_before: ["on", "expect", "match", "history"],
  geo_velocity: ["rules", "position", "timespan", "min_distance_m", "condition"],
};

const OPTIONAL: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  baseline: ["peers", "quantile", "at_least", "min_support"],
  absence_after: ["clock"],
  absence_before: ["grace"],
};

function parseKind(
  source: Source,
  keys: ReadonlyMap<string, unknown>,
  node: unknown,
): Kind | undefined {
  if (!keys.has("kind")) {
    source.fault(node, `analytic needs "kind": ${KINDS.join(", ")}.`);
    return undefined;
  }
  return wordOf(source, keys.get("kind"), KINDS, "kind");
}

type Reader = (source: Source, keys: ReadonlyMap<string, unknown>, groupBy: string[]) => Read;

const READERS: Readonly<Record<Kind, Reader>> = {
  baseline: readBaseline,
  absence_after: readAbsenceAfter,
  absence_before: readAbsenceBefore,
  new_value(source, keys) {
    const field = knownField(source, keys.get("field"), "field");
    const minSupport = wholeOf(source, keys.get("min_support"), "min_support", 1);
    const spanMs = parseTimespan(source, keys.get("history"), true, MAX_HISTORY_MS);
    const analytic: Analytic = { kind: "new_value", field, minSupport };
    return { rules: rulesOf(source, keys), spanMs, comparisons: [], fields: [field], analytic };
  },
  ratio(source, keys, groupBy) {
    const aggregates = parseAggregates(source, keys.get("aggregates"));
    const condition = parseCondition(source, keys.get("condition"), aggregates);
    const money = aggregates.some(
      ({ take, field }) => take === "sum" && FIELD_SPECS.get(field ?? "")?.kind === "m",
    );
    if (money && !groupBy.includes("currency")) groupBy.push("currency");
    return {
      rules: [...new Set(aggregates.flatMap(({ rules }) => rules))],
      spanMs: parseTimespan(source, keys.get("timespan"), true),
      comparisons: [],
      fields: aggregates.flatMap(({ field }) => (field === null ? [] : [field])),
      analytic: { kind: "ratio", aggregates, condition },
    };
  },
  geo_velocity(source, keys) {
    const position = textsOf(source, keys.get("position"), "position");
    const [lat = "", lon = ""] = position;
    if (
      position.length !== 2 ||
      [lat, lon].some((field) => FIELD_SPECS.get(field)?.kind !== "deg")
    ) {
      source.fault(
        keys.get("position"),
        "position is two fields in degrees, such as [store_lat, store_lon].",
      );
    }
    const minDistanceM = wholeOf(source, keys.get("min_distance_m"), "min_distance_m", 1);
    return {
      rules: rulesOf(source, keys),
      spanMs: parseTimespan(source, keys.get("timespan"), true),
      comparisons: parseSpeed(source, keys.get("condition")),
      fields: [lat, lon],
      analytic: { kind: "geo_velocity", position: [lat, lon], minDistanceM },
    };
  },
};

function rulesOf(source: Source, keys: ReadonlyMap<string, unknown>): string[] {
  const rules = textsOf(source, keys.get("rules"), "rules");
  if (new Set(rules).size !== rules.length) {
    source.fault(keys.get("rules"), "A rule is named twice.");
  }
  return rules;
}

function knownField(source: Source, node: unknown, what: string): string {
  const field = textOf(source, node, what);
  if (!FIELD_SPECS.has(field)) {
    source.fault(node, `There is no field "${field}".${didYouMean(field, FIELD_SPECS.keys())}`);
  }
  return field;
}

function parseSpeed(source: Source, node: unknown): Comparison[] {
  const found = keysOf(source, node, ["gt", "gte"], "condition");
  if (found.size !== 1) source.fault(node, "condition is a speed in km/h, such as {gt: 300}.");
  return [...found].map(([key, value]) => ({
    compare: key as "gt" | "gte",
    value: wholeOf(source, value, key, 1),
  }));
}

const TAKES = ["count", "sum", "distinct"] as const;

function parseAggregates(source: Source, node: unknown): Aggregate[] {
  return entriesOf(source, node, "aggregates").map(({ key, keyNode, value }) => {
    if (!/^[a-z][a-z0-9_]*$/.test(key) || ["and", "or", "not"].includes(key)) {
      source.fault(keyNode, "An aggregate's name is lower-case letters, digits and _.");
    }
    const keys = keysOf(source, value, ["rules", ...TAKES], `aggregates.${key}`);
    const takes = TAKES.filter((take) => keys.has(take));
    const [take = "count"] = takes;
    if (takes.length !== 1) {
      source.fault(
        value,
        `aggregates.${key} needs one of count: true, sum: FIELD, distinct: FIELD.`,
      );
    }
    const rules = keys.has("rules") ? itemsOf(source, keys.get("rules"), "rules") : [];
    if (rules.length === 0) source.fault(value, `aggregates.${key} needs "rules".`);
    return {
      name: key,
      take,
      field: take === "count" ? null : aggregateField(source, keys.get(take), take),
      rules: rules.map((one) => textOf(source, one, "An entry of rules")),
    };
  });
}

function aggregateField(source: Source, node: unknown, take: "sum" | "distinct"): string {
  const field = knownField(source, node, take);
  const kind = FIELD_SPECS.get(field)?.kind ?? "s";
  if (take === "sum" && ["s", "b", "l", "t", "deg"].includes(kind)) {
    source.fault(node, `"${field}" is not a number that can be added.`);
  }
  return field;
}

function parseCondition(
  source: Source,
  node: unknown,
  aggregates: readonly Aggregate[],
): (Analytic & { kind: "ratio" })["condition"] {
  const parsed = parseRatio(textOf(source, node, "condition"));
  if (typeof parsed === "string") {
    source.fault(node, parsed);
    return { kind: "number", value: 0 };
  }
  const known = aggregates.map(({ name }) => name);
  const named = ratioNames(parsed);
  const unknown = named.find((name) => !known.includes(name));
  const unused = known.find((name) => !named.includes(name));
  if (unknown !== undefined) {
    source.fault(node, `There is no aggregate "${unknown}".${didYouMean(unknown, known)}`);
  } else if (unused !== undefined) {
    source.fault(node, `The condition never uses the aggregate "${unused}".`);
  }
  return parsed;
}
