// The table of detections, from the rule files: what each looks for, how serious it is, how many cases prove it.
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { table } from "./markers.ts";

const Rule = z.object({
  title: z.string(),
  description: z.string(),
  level: z.string(),
  tillwatch: z.object({ detection: z.string(), tests: z.array(z.unknown()).default([]) }),
});

export type RuleRow = { group: string; file: string } & z.infer<typeof Rule>;

/** Each file's outermost rule: the one that names a detection. Files without one serve others. */
export function ruleRows(folder: string): RuleRow[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yml"))
    .sort();
  return files.flatMap((file) => {
    const documents = parseAllDocuments(readFileSync(join(folder, file), "utf8"));
    const rules = documents.map((document) => Rule.safeParse(document.toJS()));
    const outermost = rules.findLast((rule) => rule.success)?.data;
    return outermost ? [{ group: file.split(sep)[0] ?? "", file, ...outermost }] : [];
  });
}

export function rulesTable(root: string): string {
  const rows = ruleRows(join(root, "detectors/rules")).map((rule) => [
    rule.group,
    `[${rule.title}](../detectors/rules/${rule.file.replaceAll(sep, "/")})`,
    rule.level,
    rule.description.trim(),
    String(rule.tillwatch.tests.length),
  ]);
  const total = rows.reduce((sum, row) => sum + Number(row[4]), 0);
  return `${rows.length} detections, held by ${total} cases that stand in the rule files.\n\n${table(
    ["group", "detection", "level", "why", "cases"],
    rows,
  )}`;
}
