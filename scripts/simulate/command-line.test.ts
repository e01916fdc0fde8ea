import { expect, it } from "vitest";
import { AppError } from "../../core/errors.ts";
import { ATTACKS } from "./attacks.ts";
import { readCommand } from "./command-line.ts";

const words = (line: string) => line.split(" ").filter((word) => word !== "");

it("write takes its defaults from the help", () => {
  expect(readCommand(words("write --out week.ndjson"))).toEqual({
    verb: "write",
    seed: "1",
    stores: 3,
    days: 7,
    fromMs: Date.UTC(2026, 10, 2),
    attacks: [],
    heartbeatMs: 60_000,
    out: "week.ndjson",
    labels: undefined,
    json: false,
  });
});

it.each([
  { line: "write --out f --attack all", attacks: ATTACKS.map(({ id }) => id) },
  { line: "write --out f --attack none", attacks: [] },
  {
    line: "write --out f --attack bin-attack --attack cash-short",
    attacks: ["bin-attack", "cash-short"],
  },
  { line: "stream --url http://x --key k", attacks: ATTACKS.map(({ id }) => id) },
  { line: "stream --url http://x --key k --attack none", attacks: [] },
])("$line has its attacks", ({ line, attacks }) => {
  expect(readCommand(words(line))).toMatchObject({ attacks });
});

it.each(["", "--help", "write --help", "-h"])("'%s' asks for help", (line) => {
  expect(readCommand(words(line))).toEqual({ verb: "help" });
});

it.each([
  { line: "sell", says: /verb/ },
  { line: "list everything", says: /too many/ },
  { line: "write", says: /--out/ },
  { line: "write --out f --seed a/b", says: /--seed/ },
  { line: "write --out f --stores 0", says: /--stores/ },
  { line: "write --out f --days 1.5", says: /--days/ },
  { line: "write --out f --from 2026-02-30", says: /--from/ },
  { line: "write --out f --from yesterday", says: /--from/ },
  { line: "write --out f --attack typo", says: /typo/ },
  { line: "write --out f --what", says: /--what/ },
  { line: "stream --key k", says: /--url/ },
  { line: "stream --url ftp://x --key k", says: /--url/ },
  { line: "stream --url http://x", says: /--key/ },
  { line: "stream --url http://x --key k --speed fast", says: /--speed/ },
])("'$line' is refused with a sentence about it", ({ line, says }) => {
  expect(() => readCommand(words(line))).toThrow(AppError);
  expect(() => readCommand(words(line))).toThrow(says);
});
