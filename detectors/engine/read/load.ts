// Reads rule files into a ruleset, or says every mistake at once. Files that are in force stay so until this returns.
import { LEVELS } from "../../../core/level.ts";
import type { CorrelationPlan, Rule, Ruleset } from "../plan.ts";
import { parseCorrelation } from "./correlation.ts";
import { parseDetection } from "./detection.ts";
import { didYouMean, type RuleFault, rulesInvalid } from "./fault.ts";
import { parseOperations } from "./operations.ts";
import { checkRoots, type Document, orderCorrelations } from "./resolve.ts";
import {
  isScalar,
  keysOf,
  readDocuments,
  type Source,
  textOf,
  textsOf,
  wordOf,
} from "./yaml-source.ts";

export type RuleFile = { path: string; text: string };

const COMMON = [
  ...[
    "title",
    "id",
    "name",
    "description",
    "status",
    "level",
    "tags",
    "author",
    "date",
    "modified",
  ],
  ...["references", "falsepositives", "fields", "related", "taxonomy", "license", "scope"],
  "tillwatch",
];
const STATUSES = ["stable", "test", "experimental", "deprecated", "unsupported"] as const;
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * The ruleset that the files hold. Throws RULE_INVALID with every mistake: unknown keys, fields and modifiers, wrong
 * types, names that are double or lead nowhere, cycles.
 */
export function loadRules(files: readonly RuleFile[]): Ruleset {
  const result = checkRules(files);
  if (result.faults.length > 0) throw rulesInvalid(result.faults);
  return result.ruleset;
}

/** The same without throwing: what could be read, and every mistake. */
export function checkRules(files: readonly RuleFile[]): { ruleset: Ruleset; faults: RuleFault[] } {
  const faults: RuleFault[] = [];
  const documents: Document[] = [];
  for (const file of files) {
    const { source, documents: nodes } = readDocuments(file.path, file.text);
    if (nodes.length === 0 && source.faults.length === 0) {
      source.fault(null, "The file holds no rule.");
    }
    for (const node of nodes) {
      const document = parseDocument(source, node);
      if (document !== undefined) documents.push(document);
    }
    checkUnique(documents, file.path);
    faults.push(...source.faults);
    source.faults.length = 0;
  }
  const plans = new Map(documents.map((document) => [document.plan.name, document.plan]));
  // Documents that name a broken one would only add noise, so names are checked once the rest is clean.
  if (faults.length === 0) {
    const sources = new Set(documents.map((document) => document.source));
    checkRoots(documents, plans);
    for (const source of sources) faults.push(...source.faults);
  }
  const correlations = [...plans.values()].filter((plan) => plan.kind === "correlation");
  const rules = documents.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
  return {
    ruleset: { plans, rules, correlations: orderCorrelations(correlations as CorrelationPlan[]) },
    faults,
  };
}

function checkUnique(documents: readonly Document[], file: string): void {
  for (const document of documents) {
    if (document.source.file !== file) continue;
    const twin = documents.find(
      (other) =>
        other !== document && (other.plan.name === document.plan.name || other.id === document.id),
    );
    if (twin !== undefined) {
      const what =
        twin.plan.name === document.plan.name ? `name "${twin.plan.name}"` : `id ${twin.id}`;
      document.source.fault(
        document.at,
        `The ${what} is used twice (also in ${twin.source.file}).`,
      );
    }
  }
}

function parseDocument(source: Source, node: unknown): Document | undefined {
  const before = source.faults.length;
  const top = keysOf(
    source,
    node,
    [...COMMON, "logsource", "detection", "correlation", "filter", "action", "analytic"],
    "The document",
  );
  for (const kind of ["filter", "action", "analytic"]) {
    if (top.has(kind)) source.fault(top.get(kind), `"${kind}" documents are not built here yet.`);
  }
  if (top.has("detection") === top.has("correlation")) {
    source.fault(node, `A document has either "detection" or "correlation".`);
    return undefined;
  }
  const head = parseHead(source, node, top);
  const plan = top.has("correlation")
    ? parseCorrelation(source, head.name, top.get("correlation"))
    : parseDetection(source, head.name, top);
  const rule = top.has("tillwatch") ? parseRule({ source, node, top, head }) : undefined;
  if (plan === undefined || source.faults.length > before) return undefined;
  return { source, at: node, id: head.id, plan, rule, level: head.level };
}

type Head = Pick<Rule, "title" | "id" | "name" | "level" | "description" | "status" | "tags">;

function parseHead(source: Source, node: unknown, top: ReadonlyMap<string, unknown>): Head {
  const text = (key: string, needed: boolean): string => {
    if (top.has(key)) return textOf(source, top.get(key), key);
    if (needed) source.fault(node, `The document needs "${key}".`);
    return "";
  };
  const outermost = top.has("tillwatch");
  const [title, id, name] = [text("title", true), text("id", true), text("name", true)];
  if (title.length > 256) source.fault(top.get("title"), "title may have at most 256 characters.");
  if (id !== "" && !UUID4.test(id)) source.fault(top.get("id"), "id must be a random UUID (v4).");
  if (name !== "" && !/^[a-z][a-z0-9_]*$/.test(name)) {
    source.fault(top.get("name"), "name is lower-case letters, digits and _ (no hyphen).");
  }
  const level = top.has("level") ? wordOf(source, top.get("level"), LEVELS, "level") : undefined;
  if (outermost && !top.has("level")) source.fault(node, `A rule needs "level".`);
  const status = top.has("status")
    ? wordOf(source, top.get("status"), STATUSES, "status")
    : undefined;
  return {
    title,
    id: id.toLowerCase(),
    name,
    level: level ?? "medium",
    description: text("description", outermost),
    status: status ?? "experimental",
    tags: top.has("tags") ? parseTags(source, top.get("tags")) : [],
  };
}

function parseTags(source: Source, node: unknown): string[] {
  const tags = textsOf(source, node, "tags");
  for (const tag of tags) {
    if (!/^[a-z0-9-]+\.[a-z0-9._-]+$/.test(tag)) {
      source.fault(node, `A tag looks like f3.f1012 or attack.t1110, not "${tag}".`);
    }
  }
  return tags;
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
