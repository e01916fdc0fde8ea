// Reads anybody's Sigma rules: any field names, any log source. A broken document is refused alone, the others load.
import { isNode } from "yaml";
import type { DetectionPlan } from "../plan.ts";
import { spreadActions } from "./actions.ts";
import { parseDetection } from "./detection.ts";
import type { RuleFault } from "./fault.ts";
import { applyFilters, type Filter, parseFilter, type Target } from "./filter.ts";
import { HEAD_KEYS, type Head, parseHead, topKeys } from "./head.ts";
import type { LoadOptions, RuleFile } from "./load.ts";
import { anyVocabulary } from "./vocabulary.ts";
import { readDocuments, type Source } from "./yaml-source.ts";

/** `ref`: the rule's id, else its name, else its title. */
export type SigmaRule = {
  ref: string;
  id: string;
  name: string;
  title: string;
  level: string;
  file: string;
  line: number;
  plan: DetectionPlan;
  /** Top-level keys that Sigma does not name, as they are (R34). */
  custom: Readonly<Record<string, unknown>>;
};

/** `refused`: what is wrong with documents that are not among the rules. `skipped`: documents that are no detections. */
export type SigmaRules = { rules: SigmaRule[]; refused: RuleFault[]; skipped: RuleFault[] };

/** In: files of YAML documents. Filters are folded into the rules that they name; correlations are skipped, with a note. */
export function loadSigma(files: readonly RuleFile[], options: LoadOptions = {}): SigmaRules {
  const read: Reading = {
    targets: [],
    filters: [],
    refs: new Map(),
    out: { rules: [], refused: [], skipped: [] },
  };
  for (const file of files) readFile(read, file, options);
  applyFilters(read.filters, read.targets);
  read.out.rules = read.targets.map(({ head, plan, line, custom }) => ({
    ref: refOf(head),
    id: head.id,
    name: head.name,
    title: head.title,
    level: head.level,
    file: plan.file,
    line,
    plan,
    custom,
  }));
  return read.out;
}

type Loaded = Target & { head: Head; line: number; custom: SigmaRule["custom"] };
type Reading = {
  targets: Loaded[];
  filters: Filter[];
  /** Names and ids in use, and the file that has each. */
  refs: Map<string, string>;
  out: SigmaRules;
};

const refOf = ({ id, name, title }: Head) => id || name || title;

function readFile(read: Reading, file: RuleFile, options: LoadOptions): void {
  const { source, documents } = readDocuments(file, anyVocabulary(options.lists));
  const nodes = spreadActions(source, documents);
  if (nodes.length === 0 && source.faults.length === 0) {
    source.fault(null, "The file holds no rule.");
  }
  read.out.refused.push(...source.faults.splice(0));
  for (const node of nodes) {
    try {
      readDocument(read, source, node);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      source.fault(node, "The document is too large or too deep to be read.");
    }
    read.out.refused.push(...source.faults.splice(0));
  }
}

function readDocument(read: Reading, source: Source, node: unknown): void {
  const top = topKeys(source, node, []);
  const kind = ["detection", "correlation", "filter", "analytic"].find((key) => top.has(key));
  if (kind === undefined) {
    if (source.faults.length === 0) {
      source.fault(node, `The document has no "detection", "correlation" or "filter".`);
    }
    return;
  }
  if (kind === "correlation" || kind === "analytic") {
    const [note] = notesOf(source, () =>
      source.fault(node, `A ${kind} joins several events; it is not matched event by event.`),
    );
    if (note !== undefined) read.out.skipped.push(note);
    return;
  }
  const head = parseHead(source, node, { top, idNeeded: false });
  const name = head.name || head.id || head.title;
  const filter = kind === "filter" ? parseFilter(source, head, { node, top }) : undefined;
  const plan = kind === "detection" ? parseDetection(source, name, top) : undefined;
  if (source.faults.length > 0 || isTwin(read, source, { head, node })) return;
  if (filter !== undefined) read.filters.push(filter);
  if (plan === undefined) return;
  const [at] = notesOf(source, () => source.fault(node, ""));
  read.targets.push({
    head,
    name: head.name,
    id: head.id.toLowerCase(),
    plan,
    line: at?.line ?? 1,
    custom: customKeys(top),
  });
}

const OWN_KEYS = [...HEAD_KEYS, "logsource", "detection"];

function customKeys(top: ReadonlyMap<string, unknown>): SigmaRule["custom"] {
  const custom = [...top].filter(([key]) => !OWN_KEYS.includes(key));
  return Object.fromEntries(
    custom.map(([key, node]) => [key, isNode(node) ? node.toJSON() : node]),
  );
}

/** Ids and names are unique over all files; a document that takes one again is refused. */
function isTwin(read: Reading, source: Source, of: { head: Head; node: unknown }): boolean {
  const own = [of.head.id.toLowerCase(), of.head.name].filter((ref) => ref !== "");
  const taken = own.find((ref) => read.refs.has(ref));
  if (taken !== undefined) {
    source.fault(of.node, `"${taken}" is used twice (also in ${read.refs.get(taken)}).`);
    return true;
  }
  for (const ref of own) read.refs.set(ref, source.file);
  return false;
}

/** What an act would tell, without telling it. */
function notesOf(source: Source, act: () => void): RuleFault[] {
  const before = source.faults.length;
  act();
  return source.faults.splice(before);
}
