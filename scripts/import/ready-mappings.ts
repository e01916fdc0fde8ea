// The mappings that come along, for exports that many shops have: one file each in mappings/, named as --mapping says.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { didYouMean } from "../../core/did-you-mean.ts";
import { AppError } from "../../core/errors.ts";
import { askedBy } from "./mapping.ts";

const FOLDER = join(import.meta.dirname, "mappings");
const About = z.object({ about: z.string(), source: z.string() });

export type ReadyMapping = {
  name: string;
  about: string;
  source: string;
  ask: Readonly<Record<string, string>>;
};

export function readyMappings(): ReadyMapping[] {
  return readdirSync(FOLDER)
    .sort()
    .map((file) => {
      const text = readFileSync(join(FOLDER, file), "utf8");
      return {
        name: basename(file, ".yml"),
        ...About.parse(parseDocument(text).toJS()),
        ask: askedBy(text),
      };
    });
}

/** The text of a mapping by its file's path or by the name of a ready one. Throws REQUEST_INVALID where there is neither. */
export function mappingText(named: string): string {
  if (existsSync(named)) return readFileSync(named, "utf8");
  const names = readyMappings().map(({ name }) => name);
  if (names.includes(named)) return readFileSync(join(FOLDER, `${named}.yml`), "utf8");
  const words = `There is no file and no ready mapping "${named}".${didYouMean(named, names)}`;
  throw new AppError("REQUEST_INVALID", `${words} Ready ones: ${names.join(", ")}.`);
}
