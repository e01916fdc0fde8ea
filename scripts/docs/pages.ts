// Which generated section stands on which page. Add a page or a section here, then `npm run docs`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clocksTable, sourcesList } from "./clocks-page.ts";
import { errorsTable, quarantineTable, rejectTable } from "./errors-page.ts";
import { detailsTable, envelopeTable, eventTypesTable } from "./events-page.ts";
import { FOLDERS } from "./folders.ts";
import { folderGraph } from "./import-graph.ts";
import { drawMap, mapShape } from "./map.ts";
import { putSection, table } from "./markers.ts";
import { rulePages } from "./rule-pages.ts";
import { rulesTable } from "./rules-page.ts";
import { envExample, settingsTable } from "./settings-page.ts";

const root = join(import.meta.dirname, "../..");

type Make = () => string | Promise<string>;

/** Sections by page; the page is written by people but for these. */
const SECTIONS: Record<string, Record<string, Make>> = {
  "docs/settings.md": { settings: settingsTable },
  "docs/errors.md": { errors: errorsTable, quarantine: quarantineTable, rejected: rejectTable },
  "docs/events.md": { types: eventTypesTable, common: envelopeTable, fields: detailsTable },
  "docs/rules.md": { rules: rulesTable },
  "docs/clocks.md": { clocks: clocksTable, sources: sourcesList },
  "docs/architecture.md": { arrows: arrowsTable },
};

/** Files that are generated whole. */
const WHOLE: Record<string, Make> = {
  ...rulePages(),
  ".env.example": envExample,
  "docs/images/map.svg": async () => drawMap(await folderGraph(root, FOLDERS)),
};

async function arrowsTable(): Promise<string> {
  const { default: config } = (await import(join(root, ".dependency-cruiser.mjs"))) as {
    default: { forbidden: { name: string; comment: string }[] };
  };
  const rows = config.forbidden.map(({ name, comment }) => [comment, `\`${name}\``]);
  return table(["arrow", "rule that holds it"], rows);
}

export type Page = { path: string; before: string; after: string; isSame: boolean };

const read = (path: string) => {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return "";
  }
};

/** Every page as it is and as it should be. The figures of the map do not count as a difference. */
export async function pages(): Promise<Page[]> {
  const found: Page[] = [];
  for (const [path, sections] of Object.entries(SECTIONS)) {
    const before = read(path);
    let after = before;
    for (const [name, make] of Object.entries(sections))
      after = putSection(after, name, await make());
    found.push({ path, before, after, isSame: before === after });
  }
  for (const [path, make] of Object.entries(WHOLE)) {
    const [before, after] = [read(path), await make()];
    found.push({ path, before, after, isSame: mapShape(before) === mapShape(after) });
  }
  return found;
}
