// What is wrong with a playbook: each fault with its place and its remedy, gathered, never thrown.

/** `error`: never run. `warning`: loads, is shown. `not_runnable`: valid, but this installation lacks what it needs. */
export type Severity = "error" | "warning" | "not_runnable";

/** `path` is as in `workflow.action--….commands[0].type`; the message names the fault, then the remedy. */
export type Problem = { code: string; severity: Severity; path: string; message: string };

/** A place inside the playbook; whoever stands there adds to the one list. */
export type Place = { path: string; problems: Problem[] };

export const inside = ({ path, problems }: Place, key: string | number): Place => ({
  path: typeof key === "number" ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`,
  problems,
});

export function fault({ path, problems }: Place, code: string, message: string): void {
  problems.push({ code, severity: "error", path, message });
}

export function warn({ path, problems }: Place, code: string, message: string): void {
  problems.push({ code, severity: "warning", path, message });
}

export function cannotRun({ path, problems }: Place, code: string, message: string): void {
  problems.push({ code, severity: "not_runnable", path, message });
}

/** A value as a reader sees it in a message: short, on one line. Objects are named, not shown. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Members of an object, or none when it is no object: later layers read what the shape check has already told of. */
export const entriesOf = (value: unknown): [string, unknown][] =>
  isObject(value) ? Object.entries(value) : [];

export const itemsOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** An own member; a key such as `constructor` finds nothing that nobody wrote. */
export const memberOf = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
