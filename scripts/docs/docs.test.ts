// Docs cannot rot: generated tables match the code, named commands exist, links lead somewhere, no page is machine-bound.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { SETTING_PREFIX, Settings } from "../../core/settings.ts";
import { countFolders } from "./import-graph.ts";
import { drawMap, mapShape } from "./map.ts";
import { putSection, table } from "./markers.ts";
import { pages } from "./pages.ts";
import { settingRows } from "./settings-page.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const git = ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"];
const markdown = execFileSync("git", git, { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)));

it("every generated page says what the code does", async () => {
  const differing = (await pages()).filter(({ isSame }) => !isSame).map(({ path }) => path);
  expect(differing, "npm run docs writes them").toEqual([]);
}, 30_000);

describe(".env.example and the schema", () => {
  const named = [...read(".env.example").matchAll(/^#(TILLWATCH_[A-Z_]+)=/gm)].map(
    ([, name]) => name,
  );
  const known = Object.keys(Settings.shape).map((name) => SETTING_PREFIX + name);
  it("name the same settings, both ways", () => expect(named).toEqual(known));
  it("has words for each", () => {
    for (const { name, about } of settingRows()) expect(about.length, name).toBeGreaterThan(10);
  });
  it("gives no secret a value", () => {
    for (const { name, secret, fallback } of settingRows()) {
      if (secret) expect(fallback, name).toBeUndefined();
    }
  });
});

describe.each(markdown)("%s", (path) => {
  const page = read(path).replace(/<!--[\s\S]*?-->/g, "");

  it("names only commands that package.json has", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [
      ...page.matchAll(/(?<=[`\n]\s*)npm (?:run )?(?:--silent )?([a-z]+(?::[a-z]+)*)/g),
    ].map(([, name]) => name ?? "");
    const npmsOwn = ["install", "ci", "ls", "run", "audit", "packages", "builds"];
    for (const name of named) expect([...Object.keys(scripts), ...npmsOwn]).toContain(name);
  });

  it("links to files that are there", () => {
    for (const [, target = ""] of page.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      expect(existsSync(join(root, dirname(path), target)), target).toBe(true);
    }
  });

  it("names only settings that exist", () => {
    for (const [, name = ""] of page.matchAll(/TILLWATCH_([A-Z][A-Z_]*[A-Z])\b/g)) {
      if (name.startsWith("TEST_")) continue;
      expect(Object.keys(Settings.shape)).toContain(name.replace(/_FILE$/, ""));
    }
  });

  it("holds no path of one machine", () => {
    expect(page).not.toMatch(/(^|[\s(`"'])\/(work|root|home|Users|tmp)\//);
  });
});

describe("the tools that write them", () => {
  it("put a section between its markers and leave the rest", () => {
    const page = "a\n<!-- made by npm run docs: x -->\nold\n<!-- end: x -->\nz";
    const once = putSection(page, "x", "new");
    expect(once).toBe("a\n<!-- made by npm run docs: x -->\n\nnew\n\n<!-- end: x -->\nz");
    expect(putSection(once, "x", "new")).toBe(once);
    expect(() => putSection(page, "y", "")).toThrow('no place for "y"');
  });

  it("keep a cell in its row and its column", () => {
    expect(table(["a"], [["1|2\n<b>"]])).toBe("| a |\n| --- |\n| 1\\|2 &lt;b> |");
  });

  it("count imports between folders, and files in them", () => {
    const graph = countFolders({
      modules: [
        {
          source: "ingest/a.ts",
          dependencies: [{ resolved: "core/b.ts" }, { resolved: "core/c.ts" }],
        },
        { source: "core/b.ts", dependencies: [{ resolved: "core/c.ts" }] },
      ],
    });
    expect(graph.imports).toEqual([{ from: "ingest", to: "core", count: 2 }]);
    expect(graph.files.get("core")).toBe(1);
  });

  it("draw a map whose shape changes with an arrow, not with a figure", () => {
    const files = new Map([
      ["ingest", 1],
      ["core", 1],
    ]);
    const draw = (count: number, to: string) =>
      mapShape(drawMap({ files, imports: [{ from: "ingest", to, count }] }));
    expect(draw(1, "core")).toBe(draw(123, "core"));
    expect(draw(1, "core")).not.toBe(draw(1, "stores"));
    expect(() => drawMap({ files: new Map([["new", 1]]), imports: [] })).toThrow(
      "no place for new",
    );
  });
});
