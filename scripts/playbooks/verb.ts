// What a verb of `npm run playbooks` is, and what all verbs share: reading files, telling words from values.
import { readFileSync } from "node:fs";
import { formatOf, readText } from "../../playbooks/cacao/read-text.ts";

export type Flags = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** `usage`: its lines of help. `run` gives the exit code: 0 done, 1 found wrong. */
export type Verb = { usage: string; run(paths: readonly string[], flags: Flags): number };

/** Wrong use of the command line: told with the help, exit code 2. */
export class WrongUse extends Error {}

/** Words go to stderr, values to stdout. */
export const say = (text: string) => console.error(text);
export const print = (value: unknown) => console.log(JSON.stringify(value));

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

/** A flag that may be given several times. */
export const textFlags = (flags: Flags, name: string): string[] =>
  [flags[name] ?? []].flat().filter((value) => typeof value === "string");

export function readFile(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch {
    throw new WrongUse(`${path}: cannot be read.`);
  }
}

export function onlyFile(paths: readonly string[]): string {
  const [path, ...more] = paths;
  if (path === undefined || more.length > 0) throw new WrongUse("Name one file.");
  return path;
}

/** The value in a file, or undefined after its problems were told. */
export function readValue(path: string, flags: Flags): unknown {
  const text = readFile(path);
  const { value, problems } = readText(text, formatOf(path, text));
  if (problems.length === 0) return value;
  if (flags.json === true) print({ file: path, problems });
  for (const { path: at, message } of problems) say(`${at === "" ? path : at}: ${message}`);
  return undefined;
}

/** UTC ms of a time such as 2026-11-25T10:00:00Z; without the flag the clock's. */
export function nowOf(flags: Flags): number {
  const now = textFlag(flags, "now");
  const ms = now === undefined ? Date.now() : Date.parse(now);
  if (Number.isNaN(ms)) throw new WrongUse("--now: a time such as 2026-11-25T10:00:00Z");
  return ms;
}
