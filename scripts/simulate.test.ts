import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { ATTACKS } from "./simulate/attacks.ts";

const script = fileURLToPath(new URL("simulate.ts", import.meta.url));
const run = promisify(execFile);

type Ended = { code: number; stdout: string; stderr: string };

async function simulate(...words: string[]): Promise<Ended> {
  try {
    return { code: 0, ...(await run(process.execPath, [script, ...words])) };
  } catch (fault) {
    return fault as Ended;
  }
}

it("list --json prints one attack a line and nothing else", async () => {
  const { code, stdout, stderr } = await simulate("list", "--json");
  expect(code).toBe(0);
  expect(stderr).toBe("");
  const ids = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).id);
  expect(ids).toEqual(ATTACKS.map(({ id }) => id));
});

it("wrong use ends with 2 and words on stderr only", async () => {
  const { code, stdout, stderr } = await simulate("write", "--days", "many", "--out", "x");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/--days/);
});

it("a file that cannot be written ends with 1", async () => {
  const { code, stderr } = await simulate("write", "--days", "1", "--out", "/no/such/folder/x");
  expect(code).toBe(1);
  expect(stderr).toMatch(/no such file/);
});
