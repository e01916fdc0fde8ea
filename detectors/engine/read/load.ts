// Reads rule files into a ruleset, or says every mistake at once. Files that are in force stay so until this returns.
import type { CorrelationPlan, Rule, Ruleset } from "../plan.ts";
import { parseAnalytic } from "./analytic.ts";
import { parseCorrelation } from "./correlation.ts";
import { parseDetection } from "./detection.ts";
import { didYouMean, type RuleFault, rulesInvalid } from "./fault.ts";
import { applyFilters, type Filter, parseFilter, type Target } from "./filter.ts";
import { HEAD_KEYS, type Head, parseHead, topKeys } from "./head.ts";
import { parseOperations } from "./operations.ts";
import { checkRoots, type Document, orderCorrelations } from "./resolve.ts";
import { ourVocabulary, type Vocabulary } from "./vocabulary.ts";
import { isScalar, readDocuments, type Source } from "./yaml-source.ts";

export type RuleFile = { path: string; text: string };

/** `lists`: what `|expand` may name, the standard ones when left out; a list that is not there is a mistake. */
export type LoadOptions = { lists?: ReadonlySet<string> };

const KEYS = [...HEAD_KEYS, "tillwatch", "logsource", "detection", "correlation", "filter"];

/**
 * The ruleset that the files hold. Throws RULE_INVALID with every mistake: unknown keys, fields and modifiers, wrong
 * types, names that are double or lead nowhere, cycles.
 */
export function loadRules(files: readonly RuleFile[], options: LoadOptions = {}): Ruleset {
  const result = checkRules(files, options);
  if (result.faults.length > 0) throw rulesInvalid(result.faults);
  return result.ruleset;
}

/** `advice`: what a rule may say but should not; it changes nothing. */
export type Checked = { ruleset: Ruleset; faults: RuleFault[]; advice: RuleFault[] };

/** The same without throwing: what could be read, and every mistake. */
export function checkRules(files: readonly RuleFile[], options: LoadOptions = {}): Checked {
  const { documents, filters, faults, sources } = readAll(files, ourVocabulary(options.lists));
  // Documents that name a broken one would only add noise, so names are checked once the rest is clean.
  if (faults.length === 0) {
    foldFilters(documents, filters);
    checkRoots(documents, plansOf(documents));
    for (const source of sources) faults.push(...source.faults);
  }
  const plans = plansOf(documents);
  const correlations = [...plans.values()].filter((plan) => plan.kind === "correlation");
  const rules = documents.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
  return {
    ruleset: { plans, rules, correlations: orderCorrelations(correlations as CorrelationPlan[]) },
    faults,
    advice: [...sources].flatMap((source) => source.advice),
  };
}

type Read = {
  documents: Document[];
  filters: Filter[];
  faults: RuleFault[];
  sources: ReadonlySet<Source>;
};

function readAll(files: readonly RuleFile[], vocabulary: Vocabulary): Read {
  const faults: RuleFault[] = [];
  const documents: Document[] = [];
  const filters: Filter[] = [];
  const sources = new Set<Source>();
  for (const file of files) {
    const { source, documents: nodes } = readDocuments(file, vocabulary);
    sources.add(source);
    if (nodes.length === 0 && source.faults.length === 0) {
      source.fault(null, "The file holds no rule.");
    }
    for (const node of nodes) {
      const document = parseDocument(source, node);
      if (document === undefined) continue;
      if ("plan" in document) documents.push(document);
      else filters.push(document);
    }
    checkUnique([...documents, ...filters], source);
    faults.push(...source.faults.splice(0));
  }
  return { documents, filters, faults, sources };
}

const plansOf = (documents: readonly Document[]) =>
  new Map(documents.map(({ plan }) => [plan.name, plan]));

function foldFilters(documents: readonly Document[], filters: readonly Filter[]): void {
  const targets = documents.flatMap((document) => {
    const { plan, id } = document;
    return plan.kind === "detection" ? [{ document, name: plan.name, id, plan } as const] : [];
  });
  const open: (Target & { document: Document })[] = targets.map((target) => ({ ...target }));
  applyFilters(filters, open);
  for (const { document, plan } of open) document.plan = plan;
}

/** Names and ids are unique over all files; told at the later of two. */
function checkUnique(documents: readonly (Document | Filter)[], source: Source): void {
  for (const document of documents) {
    if (document.source !== source) continue;
    const twin = documents.find(
      (other) =>
        other !== document && (nameOf(other) === nameOf(document) || sameId(other, document)),
    );
    if (twin === undefined) continue;
    const what = nameOf(twin) === nameOf(document) ? `name "${nameOf(twin)}"` : `id ${twin.id}`;
    source.fault(document.at, `The ${what} is used twice (also in ${twin.source.file}).`);
  }
}

const nameOf = (of: Document | Filter) => ("plan" in of ? of.plan.name : of.name);
const sameId = (a: Document | Filter, b: Document | Filter) => a.id !== "" && a.id === b.id;

function parseDocument(source: Source, node: unknown): Document | Filter | undefined {
  const before = source.faults.length;
  const top = topKeys(source, node, [...KEYS, "action", "analytic"]);
  if (top.has("action")) {
    source.fault(top.get("action"), `"action" is from Sigma 1; write each document out whole.`);
  }
  const kinds = ["detection", "correlation", "filter", "analytic"].filter((kind) => top.has(kind));
  if (kinds.length !== 1) {
    source.fault(node, `A document has either "detection", "correlation", "filter" or "analytic".`);
    return undefined;
  }
  const isFilter = kinds[0] === "filter";
  const head = parseHead(source, node, { top, idNeeded: !isFilter });
  if (isFilter) {
    const filter = parseFilter(source, head, { node, top });
    return source.faults.length > before ? undefined : filter;
  }
  const plan = parsePlan(source, head.name, top);
  const rule = top.has("tillwatch") ? parseRule({ source, node, top, head }) : undefined;
  if (plan === undefined || source.faults.length > before) return undefined;
  return { source, at: node, id: head.id, plan, rule, level: head.level };
}

function parsePlan(
  source: Source,
  name: string,
  top: ReadonlyMap<string, unknown>,
): Document["plan"] | undefined {
  if (top.has("correlation")) return parseCorrelation(source, name, top.get("correlation"));
  if (top.has("analytic")) return parseAnalytic(source, name, top.get("analytic"));
  return parseDetection(source, name, top);
}

function parseRule(of: {
  source: Source;
  node: unknown;
  top: ReadonlyMap<string, unknown>;
  head: Head;
}): Rule {
  const { source, node, top, head } = of;
  const operations = parseOperations(source, top.get("tillwatch"));
  const base = source.file.replace(/^.*\//, "").replace(/\.ya?ml$/, "");
  if (operations.detection !== "" && operations.detection !== base) {
    source.fault(
      top.get("tillwatch"),
      `tillwatch.detection is "${operations.detection}", but the file is ${base}.yml.${didYouMean(base, [operations.detection])}`,
    );
  }
  return { ...head, ...operations, file: source.file, line: lineOf(source, node) };
}

/** The line of a node, learned the way that faults learn it. */
function lineOf(source: Source, node: unknown): number {
  if (isScalar(node)) return 1;
  source.fault(node, "");
  return source.faults.pop()?.line ?? 1;
}
