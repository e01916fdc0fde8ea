// What a verb of `npm run rules` is, and what all verbs share: reading rule files, telling words from values.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { ParseArgsConfig } from "node:util";
import { readRuleFiles } from "../../detectors/catalogue.ts";
import type { RuleFile } from "../../detectors/engine/read/load.ts";

export type Flags = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** `usage`: its line of help. `options`: its flags, for parseArgs. `run` gives the exit code: 0 done, 1 found wrong. */
export type Verb = {
  usage: string;
  options?: NonNullable<ParseArgsConfig["options"]>;
  run(paths: readonly string[], flags: Flags): number | Promise<number>;
};

/** Wrong use of the command line: told with the help, exit code 2. */
export class WrongUse extends Error {}

/** Words go to stderr, values to stdout. */
export const say = (text: string) => console.error(text);
export const print = (value: unknown) => console.log(JSON.stringify(value));

/** A flag's text, or undefined when it was not given. */
export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

/** A flag that the verb cannot do without. */
export function neededFlag(flags: Flags, name: string): string {
  const value = textFlag(flags, name);
  if (value === undefined || value === "") throw new WrongUse(`--${name} is needed.`);
  return value;
}

/** Rule files named by paths (files or folders, read whole), or our own when there are none. */
export function filesOf(paths: readonly string[]): RuleFile[] {
  if (paths.length === 0) return readRuleFiles();
  return paths.flatMap((path) => {
    const files = namesBelow(path).sort();
    if (files.length === 0) throw new WrongUse(`"${path}" holds no .yml file.`);
    return files.map((name) => ({
      path: relative(".", name) || name,
      text: readFileSync(name, "utf8"),
    }));
  });
}

function namesBelow(path: string): string[] {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch {
    throw new WrongUse(`"${path}" is not there.`);
  }
  if (!isFolder) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Our shared detections stand beside files that name them. */
export function withShared(files: RuleFile[]): RuleFile[] {
  const shared = readRuleFiles().filter(({ path }) => path.endsWith("/shared.yml"));
  const known = files.some(({ path }) => path.endsWith("shared.yml"));
  return known ? files : [...shared, ...files];
}
