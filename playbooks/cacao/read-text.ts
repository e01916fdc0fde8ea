// From a file's text to JSON values. JSON.parse hides doubled keys and YAML guesses at dates, so neither is trusted alone.
import { isAlias, isMap, isNode, isScalar, isSeq, parseAllDocuments, Scalar, visit } from "yaml";
import { fault, isObject, type Problem } from "./problem.ts";

const MAX_CHARS = 1_048_576;
const MAX_NESTING = 64;

export type ReadText = { value: unknown; problems: Problem[] };

/** In: the text of a file, JSON or YAML. Out: the value (undefined when it could not be read) and what is wrong. */
export function readText(text: string, format: "json" | "yaml"): ReadText {
  const problems: Problem[] = [];
  const root = { path: "", problems };
  if (text.length > MAX_CHARS) {
    fault(root, "too_large", "The file is over 1 MiB. Split the playbook and call its parts.");
    return { value: undefined, problems };
  }
  const value = format === "json" ? readJsonText(text, problems) : readYaml(text, problems);
  if (problems.length === 0 && isTooDeep(value)) {
    fault(root, "too_deep", `It is nested over ${MAX_NESTING} levels deep. Flatten it.`);
  }
  return { value: problems.length === 0 ? value : undefined, problems };
}

/** JSON begins with a brace; YAML in that style is JSON too, but for its looseness. */
export function formatOf(path: string, text: string): "json" | "yaml" {
  if (/\.ya?ml$/i.test(path)) return "yaml";
  if (/\.json$/i.test(path)) return "json";
  return /^\s*[{[]/.test(text) ? "json" : "yaml";
}

function readJsonText(text: string, problems: Problem[]): unknown {
  const root = { path: "", problems };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fault(root, "unreadable", `It is not JSON: ${(error as Error).message}. Mend the text there.`);
    return undefined;
  }
  for (const path of doubledKeys(text)) {
    fault({ path, problems }, "duplicate_key", `The key stands twice. Keep one of the two.`);
  }
  return value;
}

type Level = { path: string; keys?: Set<string>; index: number; key?: string };

/** Paths of keys that stand twice in one object. The text is known to be JSON. */
function doubledKeys(text: string): string[] {
  const doubled: string[] = [];
  const levels: Level[] = [];
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g)) {
    const top = levels.at(-1);
    if (token === "{") levels.push({ path: below(top), index: 0, keys: new Set() });
    else if (token === "[") levels.push({ path: below(top), index: 0 });
    else if (token === "}" || token === "]") levels.pop();
    else if (top !== undefined && isDoubled(token, top)) doubled.push(below(top));
  }
  return doubled;
}

/** A comma ends a member; the first text after it is the next one's key, if the level has keys. */
function isDoubled(token: string, level: Level): boolean {
  if (token === ",") {
    level.index += 1;
    level.key = undefined;
    return false;
  }
  if (level.keys === undefined || level.key !== undefined) return false;
  level.key = JSON.parse(token) as string;
  const isKnown = level.keys.has(level.key);
  level.keys.add(level.key);
  return isKnown;
}

function below(level: Level | undefined): string {
  if (level === undefined) return "";
  if (level.keys === undefined) return `${level.path}[${level.index}]`;
  return level.path === "" ? (level.key ?? "") : `${level.path}.${level.key}`;
}

function readYaml(text: string, problems: Problem[]): unknown {
  const root = { path: "", problems };
  try {
    // Failsafe guesses nothing; plain words become null, true, false and JSON numbers below, and all else stays text.
    const documents = parseAllDocuments(text, {
      version: "1.2",
      schema: "failsafe",
      prettyErrors: false,
      uniqueKeys: true,
      logLevel: "silent",
    });
    const [document] = documents;
    if (!Array.isArray(documents) || documents.length !== 1 || document === undefined) {
      fault(root, "unreadable", "The file must hold one YAML document. Give each playbook a file.");
      return undefined;
    }
    for (const { code, message } of document.errors.slice(0, 5)) {
      if (code === "DUPLICATE_KEY")
        fault(root, "duplicate_key", `${message}. Keep one of the two.`);
      else fault(root, "unreadable", `It is not YAML: ${message}. Mend the text there.`);
    }
    visit(document, (_key, node) => {
      const isMarked = isNode(node) && (isAlias(node) || node.anchor || node.tag);
      if (isMarked) fault(root, "yaml_feature", ANCHORS);
      return isMarked ? visit.BREAK : undefined;
    });
    return problems.length > 0 ? undefined : plainValue(document.contents);
  } catch (error) {
    fault(root, "unreadable", `It is not YAML: ${(error as Error).message}.`);
    return undefined;
  }
}

const ANCHORS = "Anchors, aliases and tags are not read. Write the value out.";

function plainValue(node: unknown): unknown {
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }) => [
      isScalar(key) ? String(key.value) : "",
      plainValue(value),
    ]);
    return Object.fromEntries(entries) as unknown;
  }
  if (isSeq(node)) return node.items.map(plainValue);
  if (!isScalar(node)) return null;
  return node.type === Scalar.PLAIN ? jsonWord(String(node.value)) : String(node.value ?? "");
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function jsonWord(word: string): unknown {
  if (word === "" || word === "null") return null;
  if (word === "true" || word === "false") return word === "true";
  return JSON_NUMBER.test(word) ? Number(word) : word;
}

function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_NESTING) return true;
    level = level.flatMap((v) => (Array.isArray(v) ? v : isObject(v) ? Object.values(v) : []));
  }
  return false;
}
