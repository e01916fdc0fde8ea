// Reads what every document begins with: title, id, name, level, tags and the other descriptive keys of Sigma.
import { LEVELS } from "../../../core/level.ts";
import type { Rule } from "../plan.ts";
import {
  entriesOf,
  isSeq,
  itemsOf,
  keysOf,
  type Source,
  textOf,
  textsOf,
  wordOf,
} from "./yaml-source.ts";

export type Head = Pick<
  Rule,
  "title" | "id" | "name" | "level" | "description" | "status" | "tags"
>;

/** The descriptive keys of a Sigma document. */
export const HEAD_KEYS = [
  ...["title", "id", "name", "description", "status", "level", "tags", "author", "date"],
  ...["modified", "references", "falsepositives", "fields", "related", "taxonomy", "license"],
  "scope",
];
const STATUSES = ["stable", "test", "experimental", "deprecated", "unsupported"] as const;
const RELATIONS = ["derived", "obsolete", "merged", "renamed", "similar", "correlation"] as const;
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}[-/](0[1-9]|1[0-2])[-/](0[1-9]|[12]\d|3[01])$/;

type Top = ReadonlyMap<string, unknown>;

/** `idNeeded`: a filter of ours may go without. Foreign documents need a title alone. */
export function parseHead(
  source: Source,
  node: unknown,
  of: { top: Top; idNeeded: boolean },
): Head {
  const { top } = of;
  const ours = source.vocabulary.taxonomy === "tillwatch";
  const text = (key: string, needed: boolean): string => {
    if (top.has(key)) return textOf(source, top.get(key), key);
    if (needed) source.fault(node, `The document needs "${key}".`);
    return "";
  };
  const outermost = ours && top.has("tillwatch") && !top.has("filter");
  const [title, id, name] = [
    text("title", true),
    text("id", ours && of.idNeeded),
    text("name", ours),
  ];
  if (title.length > 256) source.fault(top.get("title"), "title may have at most 256 characters.");
  if (ours) checkNames(source, top, { id, name });
  const level = top.has("level") ? wordOf(source, top.get("level"), LEVELS, "level") : undefined;
  if (outermost && !top.has("level")) source.fault(node, `A rule needs "level".`);
  const status = top.has("status")
    ? wordOf(source, top.get("status"), STATUSES, "status")
    : undefined;
  checkRest(source, top, ours);
  return {
    title,
    id: ours ? id.toLowerCase() : id,
    name,
    level: level ?? "medium",
    description: ours ? text("description", outermost) : "",
    status: status ?? "experimental",
    tags: ours && top.has("tags") ? parseTags(source, top.get("tags")) : [],
  };
}

function checkNames(source: Source, top: Top, { id, name }: { id: string; name: string }): void {
  if (id !== "" && !UUID4.test(id)) source.fault(top.get("id"), "id must be a random UUID (v4).");
  if (name !== "" && !/^[a-z][a-z0-9_]*$/.test(name)) {
    source.fault(top.get("name"), "name is lower-case letters, digits and _ (no hyphen).");
  }
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

/** Keys that change nothing about what matches. In our own files they are held to the specification. */
function checkRest(source: Source, top: Top, ours: boolean): void {
  if (!ours) return;
  for (const key of ["date", "modified"]) {
    const value = top.get(key);
    if (value !== undefined && !DATE.test(textOf(source, value, key))) {
      source.fault(value, `${key} is a day such as 2026-11-25.`);
    }
  }
  for (const key of ["author", "license"]) {
    if (top.has(key)) textOf(source, top.get(key), key);
  }
  for (const key of ["references", "falsepositives", "scope"]) {
    if (top.has(key)) textsOf(source, top.get(key), key);
  }
  const taxonomy = top.get("taxonomy");
  if (taxonomy !== undefined && textOf(source, taxonomy, "taxonomy") !== "tillwatch") {
    source.fault(taxonomy, "taxonomy must be tillwatch: the field names are ours.");
  }
  if (top.has("fields")) checkFields(source, top.get("fields"));
  if (top.has("related")) checkRelated(source, top.get("related"));
}

function checkFields(source: Source, node: unknown): void {
  const items = isSeq(node) ? itemsOf(source, node, "fields") : [node];
  for (const item of items) {
    const field = textOf(source, item, "An entry of fields");
    if (field !== "" && source.vocabulary.kindOf(field) === undefined) {
      source.fault(item, `fields names "${field}", which no event has.`);
    }
  }
}

function checkRelated(source: Source, node: unknown): void {
  for (const item of itemsOf(source, node, "related")) {
    const keys = keysOf(source, item, ["id", "type"], "related");
    const missing = ["id", "type"].find((key) => !keys.has(key));
    if (missing !== undefined) {
      source.fault(item, `An entry of related needs "${missing}".`);
      continue;
    }
    if (!UUID.test(textOf(source, keys.get("id"), "related.id"))) {
      source.fault(keys.get("id"), "related.id is the UUID of the other rule.");
    }
    wordOf(source, keys.get("type"), RELATIONS, "related.type");
  }
}

/** The top-level keys of a document; unknown ones are kept out of our own rules and ignored in others' (R34). */
export function topKeys(
  source: Source,
  node: unknown,
  known: readonly string[],
): Map<string, unknown> {
  if (source.vocabulary.taxonomy === "tillwatch") {
    return keysOf(source, node, known, "The document");
  }
  return new Map(entriesOf(source, node, "The document").map(({ key, value }) => [key, value]));
}
