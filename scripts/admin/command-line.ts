// Reads the words after `admin --` and writes the help.
import { parseArgs } from "node:util";
import { AppError } from "../../core/errors.ts";
import type { Act } from "./act.ts";

export type Command =
  | { kind: "help"; text: string }
  | { kind: "act"; act: Act; input: Record<string, string | string[]>; json: boolean };

/** In: the words, the acts. Throws REQUEST_INVALID with what is wrong. */
export function readCommand(words: readonly string[], acts: readonly Act[]): Command {
  const firstOption = words.findIndex((word) => word.startsWith("-"));
  const verbs = firstOption < 0 ? words : words.slice(0, firstOption);
  const rest = firstOption < 0 ? [] : words.slice(firstOption);
  const name = verbs.join(" ");
  const wantsHelp = rest.includes("--help") || rest.includes("-h");
  const act = acts.find((each) => each.name === name);
  if (act === undefined) {
    if (wantsHelp || name === "help") return { kind: "help", text: overview(acts) };
    const what = name === "" ? "Say what to do." : `There is no "${name.slice(0, 60)}".`;
    throw new AppError("REQUEST_INVALID", `${what}\n\n${overview(acts)}`);
  }
  if (wantsHelp) return { kind: "help", text: helpOf(act) };
  const { json, ...input } = readOptions(act, rest);
  return { kind: "act", act, input, json: json === true };
}

function readOptions(act: Act, words: readonly string[]) {
  const options: Record<string, { type: "string" | "boolean"; multiple?: boolean }> = {
    json: { type: "boolean" },
  };
  for (const [flag, option] of Object.entries(act.options)) {
    options[flag] = { type: "string", multiple: option.many === true };
  }
  try {
    const { values } = parseArgs({ args: [...words], options, strict: true });
    return { ...values } as Record<string, string | string[]> & { json?: boolean };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split(".")[0] : "cannot be read";
    throw new AppError("REQUEST_INVALID", `${why}.\n\n${helpOf(act)}`, { cause });
  }
}

const PREFIX = "npm run --silent admin -- ";

function overview(acts: readonly Act[]): string {
  const width = Math.max(...acts.map(({ name }) => name.length)) + 2;
  const lines = acts.map(({ name, about }) => `  ${name.padEnd(width)}${about}`);
  return [
    `Usage: ${PREFIX}ACT [OPTIONS] [--json]`,
    "",
    ...lines,
    "",
    "`ACT --help` shows its options. --json prints one JSON value. Exit: 0 done, 1 refused, 2 wrong use.",
  ].join("\n");
}

function helpOf(act: Act): string {
  const options = Object.entries(act.options).map(
    ([flag, option]) => [`--${flag} ${option.value}`, option.about] as const,
  );
  const all = [...options, ["--json", "print one JSON value"] as const];
  const width = Math.max(...all.map(([flag]) => flag.length)) + 2;
  const lines = all.map(([flag, about]) => `  ${flag.padEnd(width)}${about}`);
  return [`Usage: ${PREFIX}${act.name} [OPTIONS]`, act.about, "", ...lines].join("\n");
}

/** An answer in words for a terminal: one line per value, lists as blocks. */
export function inLines(result: Record<string, unknown>): string {
  return Object.entries(result)
    .map(([key, value]) => (isRows(value) ? block(key, value) : `${key}: ${plain(value)}`))
    .join("\n");
}

function isRows(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null);
}

function block(key: string, rows: Record<string, unknown>[]): string {
  if (rows.length === 0) return `${key}: none`;
  return rows
    .map((row) =>
      Object.entries(row)
        .map(([name, value]) => `${name}: ${plain(value)}`)
        .join("\n"),
    )
    .join("\n\n");
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
