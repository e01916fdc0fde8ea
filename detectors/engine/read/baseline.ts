// Reads a baseline: what is measured, over which buckets, against whose past, and what is too much.
import { FIELD_SPECS } from "../../../core/event-fields.ts";
import type { Baseline, BucketBy, CorrelationPlan, Measure } from "../plan.ts";
import { parseTimespan } from "./correlation.ts";
import { didYouMean } from "./fault.ts";
import { keysOf, type Source, scalarOf, textOf, textsOf, wholeOf, wordOf } from "./yaml-source.ts";

type Keys = ReadonlyMap<string, unknown>;
type Read = Pick<CorrelationPlan, "rules" | "spanMs" | "comparisons" | "fields"> & {
  analytic: Baseline;
};

const TAKES = ["count", "sum", "distinct"] as const;
const METHODS = ["robust_z", "quantile", "mean", "poisson"] as const;
const BUCKETS = ["business_day", "shift_id", "business_month", "event"] as const;
const MAX_HISTORY_MS = 90 * 86_400_000;
const DAY_MS = 86_400_000;

export function readBaseline(source: Source, keys: Keys, groupBy: string[]): Read {
  const rules = textsOf(source, keys.get("rules"), "rules");
  const { measure, per, perRules } = readMeasures(source, keys.get("measure"));
  const isMoney = [measure, per].some(
    (one) => one?.take === "sum" && FIELD_SPECS.get(one.field ?? "")?.kind === "m",
  );
  if (isMoney && !groupBy.includes("currency")) groupBy.push("currency");
  const against =
    wordOf(source, keys.get("against"), ["own", "peers"] as const, "against") ?? "own";
  const peers = keys.has("peers") ? knownFields(source, keys.get("peers")) : [];
  checkPeers(source, keys, against);
  const historyMs = parseTimespan(source, keys.get("history"), true, MAX_HISTORY_MS);
  const method = wordOf(source, keys.get("method"), METHODS, "method") ?? "robust_z";
  if ((method === "quantile") !== keys.has("quantile")) {
    source.fault(
      keys.get("method"),
      `"quantile" (1 to 100) goes with method: quantile, and only then.`,
    );
  }
  const analytic: Baseline = {
    ...{ kind: "baseline", ons: rules.length, measure, per, against, historyMs, method },
    peers: isMoney && against === "peers" ? [...new Set([...peers, "currency"])] : peers,
    bucket: readBucket(source, keys.get("bucket")),
    quantile: keys.has("quantile") ? wholeOf(source, keys.get("quantile"), "quantile", 1) : 50,
    floor: positive(source, keys.get("floor"), "floor"),
    atLeast: keys.has("at_least") ? positive(source, keys.get("at_least"), "at_least") : 0,
    minSupport: keys.has("min_support")
      ? wholeOf(source, keys.get("min_support"), "min_support", 1)
      : 1,
    money: isMoney && per === null,
    ...readCondition(source, keys.get("condition")),
  };
  const fields = [measure.field, per?.field].filter((one) => typeof one === "string");
  // A month's bucket begins a month ago; others at most two days.
  const lead = analytic.bucket === "business_month" ? 32 : 2;
  const spanMs = historyMs + lead * DAY_MS;
  return { rules: [...rules, ...perRules], spanMs, comparisons: [], fields, analytic };
}

function checkPeers(source: Source, keys: Keys, against: string): void {
  if ((against === "peers") !== keys.has("peers")) {
    source.fault(
      keys.get("against"),
      `"peers" names the fields that peers share: with against: peers, and only then.`,
    );
  }
  if (against === "peers" && scalarOf(source, keys.get("bucket"), "bucket") === "event") {
    source.fault(
      keys.get("bucket"),
      "Single events are compared with their own group's: against: own.",
    );
  }
}

function readMeasures(
  source: Source,
  node: unknown,
): { measure: Measure; per: Measure | null; perRules: string[] } {
  const keys = keysOf(source, node, [...TAKES, "per"], "measure");
  const measure = readMeasure(source, node, keys);
  if (!keys.has("per")) return { measure, per: null, perRules: [] };
  const below = keysOf(source, keys.get("per"), [...TAKES, "rules"], "measure.per");
  if (!below.has("rules")) source.fault(keys.get("per"), `measure.per needs "rules".`);
  return {
    measure,
    per: readMeasure(source, keys.get("per"), below),
    perRules: below.has("rules") ? textsOf(source, below.get("rules"), "rules") : [],
  };
}

function readMeasure(source: Source, node: unknown, keys: Keys): Measure {
  const takes = TAKES.filter((take) => keys.has(take));
  const [take = "count"] = takes;
  if (takes.length !== 1) {
    source.fault(node, "A measure is one of count: true, sum: FIELD, distinct: FIELD.");
  }
  if (take === "count") return { take, field: null };
  const field = textOf(source, keys.get(take), take);
  const kind = FIELD_SPECS.get(field)?.kind;
  if (kind === undefined) {
    source.fault(
      keys.get(take),
      `There is no field "${field}".${didYouMean(field, FIELD_SPECS.keys())}`,
    );
  } else if (take === "sum" && ["s", "b", "l", "t", "deg"].includes(kind)) {
    source.fault(keys.get(take), `"${field}" is not a number that can be added.`);
  }
  return { take, field };
}

function knownFields(source: Source, node: unknown): string[] {
  const fields = textsOf(source, node, "peers");
  const unknown = fields.find((field) => !FIELD_SPECS.has(field));
  if (unknown !== undefined) {
    source.fault(node, `There is no field "${unknown}".${didYouMean(unknown, FIELD_SPECS.keys())}`);
  }
  return fields;
}

function readBucket(source: Source, node: unknown): BucketBy {
  const value = scalarOf(source, node, "bucket");
  const named = BUCKETS.find((one) => one === value);
  if (named !== undefined) return named;
  if (typeof value === "string" && /^\d/.test(value)) {
    return { spanMs: parseTimespan(source, node, true) };
  }
  source.fault(node, `bucket is ${BUCKETS.join(", ")} or a span such as 1h.`);
  return "business_day";
}

function readCondition(source: Source, node: unknown): Pick<Baseline, "compare" | "k"> {
  const keys = keysOf(source, node, ["gt", "gte", "lt", "lte"], "condition");
  const [found] = keys;
  if (keys.size !== 1 || found === undefined || found[0].startsWith("l")) {
    source.fault(node, "condition is {gt: K} or {gte: K}: far below the usual is not judged yet.");
    return { compare: "gte", k: 1 };
  }
  return { compare: found[0] as "gt" | "gte", k: positive(source, found[1], "condition") };
}

/** A whole or decimal number above nothing (R17). */
function positive(source: Source, node: unknown, what: string): number {
  const value = scalarOf(source, node, what);
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  source.fault(node, `${what} is a number above 0.`);
  return 1;
}
