// A comment that silences a tool hides a question; their number may only fall.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Lower it when one goes. To raise it, say in the commit why no other way was found. */
const MOST = 2;

const root = join(import.meta.dirname, "../..");
const MARK =
  /(biome-ignore|@ts-expect-error|@ts-ignore|@ts-nocheck|@public|depcruise-ignore)\b(.*)/;

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /\.(ts|mjs)$/.test(file) && !file.startsWith("scripts/house/suppressions"));

function found(): { at: string; mark: string; rest: string }[] {
  return files.flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    return lines.flatMap((line, index) => {
      const [, mark = "", rest = ""] = MARK.exec(line) ?? [];
      return mark === "" ? [] : [{ at: `${file}:${index + 1}`, mark, rest }];
    });
  });
}

it(`at most ${MOST} comments silence a tool`, () => {
  expect(found().map(({ at }) => at).length).toBeLessThanOrEqual(MOST);
});

it("each names the rule and the reason", () => {
  for (const { at, mark, rest } of found()) {
    const isFull = mark === "biome-ignore" ? /^ \S+: .{15,}/.test(rest) : rest.trim().length > 15;
    expect(isFull, at).toBe(true);
  }
});
