// `npm run docs`: writes the tables and the map of docs/ from the code. `-- --check` only says what differs.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pages } from "./pages.ts";

const root = join(import.meta.dirname, "../..");
const flags = process.argv.slice(2);
if (flags.some((flag) => flag !== "--check")) {
  console.error("use: npm run docs [-- --check]");
  process.exit(flags.includes("--help") ? 0 : 2);
}
const found = await pages();
const differing = found.filter(({ isSame }) => !isSame);
if (flags.includes("--check")) {
  for (const { path } of differing) console.log(`✗ ${path} no longer says what the code does.`);
  if (differing.length > 0) console.log("→ npm run docs, and commit what it wrote");
  else console.log(`✓ ${found.length} pages say what the code does`);
  process.exitCode = differing.length > 0 ? 1 : 0;
} else {
  for (const { path, before, after } of found) {
    if (before === after) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), after);
    console.log(`wrote ${path}`);
  }
}
