// `npm run new KIND NAME`: writes one of the things that people add from a template, and says what is left to do.
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KINDS, type Kind, newFiles } from "./new/templates.ts";

const root = join(import.meta.dirname, "..");
const HELP = `use: npm run new KIND NAME

  npm run new rule refunds/refund-at-night      a detection: one Sigma file with its cases
  npm run new source adyen                      a provider: how it signs, what it means
  npm run new migration postgres/notes          the next change of a store's schema`;

const isKind = (word: string | undefined): word is Kind => KINDS.some((kind) => kind === word);

function main(args: string[]): number {
  const [kind, name, ...rest] = args;
  if (kind === "--help") {
    console.log(HELP);
    return 0;
  }
  if (!isKind(kind) || name === undefined || rest.length > 0) {
    console.error(HELP);
    return 2;
  }
  try {
    const list = (folder: string) => readdirSync(join(root, folder));
    const { files, todo } = newFiles(kind, name, { uuid: randomUUID, list });
    for (const { path, text } of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text, { flag: "wx" }); // never over a file that is there
      console.log(`wrote ${path}`);
    }
    console.log(`\nleft to do:\n${todo.map((each) => `  - ${each}`).join("\n")}`);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
