// Sigma filters: what a filter's condition matches is left out of the detection rules that it names (R1).
import type { DetectionPlan, Expr, Logsource } from "../plan.ts";
import type { Condition } from "./condition.ts";
import { deadField, fieldsRead, parseLogsource } from "./detection.ts";
import { didYouMean } from "./fault.ts";
import { parseSection } from "./selection.ts";
import { entriesOf, isSeq, itemsOf, keysOf, type Source, scalarOf, textOf } from "./yaml-source.ts";

/** A filter that was read. `rules`: names or ids. `expires`: from then on (UTC ms) it leaves out nothing. */
export type Filter = {
  source: Source;
  at: unknown;
  name: string;
  id: string;
  rules: readonly { ref: string; node: unknown }[] | "any";
  logsource: Logsource;
  where: Expr;
  expires: number | null;
};

/** The filter of a document, or undefined after a fault. */
export function parseFilter(
  source: Source,
  head: { name: string; id: string },
  of: { node: unknown; top: ReadonlyMap<string, unknown> },
): Filter | undefined {
  const before = source.faults.length;
  const { top } = of;
  const node = top.get("filter");
  const logsource = parseLogsource(source, top.get("logsource"));
  const all = entriesOf(source, node, "filter");
  const rulesEntry = all.find(({ key }) => key === "rules");
  if (rulesEntry === undefined) {
    source.fault(node, `filter needs "rules": names of detection rules, or any.`);
  }
  const entries = all.filter(({ key }) => key !== "rules");
  const section = parseSection(source, node, { entries, what: "filter" });
  if (section?.conditions.some(isNegation) === true) {
    const at = entries.find(({ key }) => key === "condition")?.value;
    source.fault(
      at,
      "What a filter's condition matches is left out. A negation would leave out nearly all: name what to leave out instead.",
    );
  }
  const rules = rulesEntry === undefined ? [] : readRules(source, rulesEntry.value);
  const expires = readOwn(source, of.node, top.get("tillwatch"));
  if (section === undefined || source.faults.length > before) return undefined;
  return { source, at: of.node, ...head, rules, logsource, where: section.where, expires };
}

/** True when nothing in it is asked for: `not a`, `not a and not b`. */
function isNegation(condition: Condition): boolean {
  if (condition.kind === "not") return !isNegation(condition.of);
  if (condition.kind === "and") return condition.of.every(isNegation);
  return condition.kind === "or" && condition.of.some(isNegation);
}

function readRules(source: Source, node: unknown): Filter["rules"] {
  if (!isSeq(node)) {
    const word = textOf(source, node, "rules");
    return word === "any" ? "any" : [{ ref: word, node }];
  }
  return itemsOf(source, node, "rules").map((item) => ({
    ref: textOf(source, item, "An entry of rules"),
    node: item,
  }));
}

/** Our own filters say who wants them, why and until when. Out: the first ms at which it no longer counts. */
function readOwn(source: Source, document: unknown, node: unknown): number | null {
  if (source.vocabulary.taxonomy === "any" && node === undefined) return null;
  if (node === undefined) {
    source.fault(document, "A filter needs tillwatch: {owner, reason, expires}.");
    return null;
  }
  const keys = keysOf(source, node, ["owner", "reason", "expires"], "tillwatch");
  for (const key of ["owner", "reason"]) {
    if (keys.has(key)) textOf(source, keys.get(key), key);
    else source.fault(node, `A filter's tillwatch block needs "${key}".`);
  }
  if (!keys.has("expires")) return null;
  const value = scalarOf(source, keys.get("expires"), "expires");
  const end = endOfDay(String(value));
  if (end === undefined) source.fault(keys.get("expires"), "expires is a day such as 2027-01-31.");
  return end ?? null;
}

/** The last day counts whole, in UTC. */
function endOfDay(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const isReal = day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && isReal ? Date.UTC(year, month - 1, day + 1) : undefined;
}

/** A detection that filters may narrow. */
export type Target = { name: string; id: string; plan: DetectionPlan };

/**
 * Folds the filters into the plans they are for; the targets' plans are replaced. Faults: a name that leads nowhere or
 * to no detection, a log source that does not contain the filter's, a field that no event of the rule has. Foreign
 * filters may name rules that are not here.
 */
export function applyFilters(filters: readonly Filter[], targets: readonly Target[]): void {
  for (const filter of filters) {
    for (const target of targetsOf(filter, targets)) {
      const wrong = unfit(filter, target);
      if (wrong === undefined) target.plan = narrowed(target.plan, filter);
      else if (filter.rules !== "any" && isOurs(filter)) filter.source.fault(filter.at, wrong);
    }
  }
}

const isOurs = ({ source }: Filter) => source.vocabulary.taxonomy === "tillwatch";

function targetsOf(filter: Filter, targets: readonly Target[]): readonly Target[] {
  if (filter.rules === "any") return targets;
  return filter.rules.flatMap(({ ref, node }) => {
    const target = targets.find(({ name, id }) => name === ref || id === ref.toLowerCase());
    if (target !== undefined) return [target];
    if (isOurs(filter)) {
      const hint = didYouMean(
        ref,
        targets.map(({ name }) => name),
      );
      filter.source.fault(node, `rules names "${ref}", which is no detection rule here.${hint}`);
    }
    return [];
  });
}

function unfit(filter: Filter, { plan, name }: Target): string | undefined {
  const keys = ["category", "product", "service"] as const;
  const strange = keys.find(
    (key) => filter.logsource[key] !== undefined && filter.logsource[key] !== plan.logsource[key],
  );
  if (strange !== undefined) {
    return `"${name}" has another logsource.${strange} than the filter (${filter.logsource[strange]}).`;
  }
  return plan.eventTypes === null
    ? undefined
    : deadField(fieldsRead(filter.where), plan.eventTypes);
}

function narrowed(plan: DetectionPlan, filter: Filter): DetectionPlan {
  const { expires } = filter;
  const inForce: Expr | undefined =
    expires === null
      ? undefined
      : { kind: "leaf", field: "ts", test: { op: "compare", compare: "lt", value: expires } };
  const left: Expr =
    inForce === undefined ? filter.where : { kind: "and", of: [inForce, filter.where] };
  const where: Expr = { kind: "and", of: [plan.where, { kind: "not", of: left }] };
  return {
    ...plan,
    where,
    fields: fieldsRead(where),
    filters: [...plan.filters, { name: filter.name, expires }],
  };
}
