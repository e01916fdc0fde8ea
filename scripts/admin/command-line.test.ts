import { describe, expect, it } from "vitest";
import { ACTS } from "./acts.ts";
import { inLines, readCommand } from "./command-line.ts";

it.each([
  { words: ["link", "--json"], name: "link", input: {}, json: true },
  {
    words: ["merchant", "create", "--name", "A B", "--email", "a@b.c", "--email=d@e.f"],
    name: "merchant create",
    input: { name: "A B", email: ["a@b.c", "d@e.f"] },
    json: false,
  },
  {
    words: ["source", "add", "--secret", "-", "--lat=-1"].slice(0, 4),
    name: "source add",
    input: { secret: "-" },
    json: false,
  },
  {
    words: ["store", "set", "--lat=-33.9", "--lon", "151.2"],
    name: "store set",
    input: { lat: "-33.9", lon: "151.2" },
    json: false,
  },
])("$words", ({ words, name, input, json }) => {
  const command = readCommand(words, ACTS);
  expect(command).toMatchObject({ kind: "act", json });
  if (command.kind !== "act") return;
  expect([command.act.name, { ...command.input }]).toEqual([name, input]);
});

it.each([
  { words: [] },
  { words: ["merchant"] },
  { words: ["merchant", "created"] },
  { words: ["link", "extra"] },
  { words: ["link", "--nme", "x"] },
  { words: ["merchant", "create", "--name"] },
  { words: ["merchant", "create", "--name", "a", "stray"] },
  { words: ["--json"] },
])("wrong use is told: $words", ({ words }) => {
  expect(() => readCommand(words, ACTS)).toThrow(
    expect.objectContaining({ code: "REQUEST_INVALID" }),
  );
});

describe("help", () => {
  it("names every act", () => {
    const command = readCommand(["--help"], ACTS);
    for (const { name } of ACTS)
      expect(command).toMatchObject({ text: expect.stringContaining(name) });
  });

  it.each(ACTS.map(({ name, options }) => ({ name, flags: Object.keys(options) })))(
    "of $name names its options",
    ({ name, flags }) => {
      const command = readCommand([...name.split(" "), "--help"], ACTS);
      for (const flag of flags) {
        expect(command).toMatchObject({ text: expect.stringContaining(`--${flag} `) });
      }
    },
  );
});

it("acts have different names", () => {
  expect(new Set(ACTS.map(({ name }) => name)).size).toBe(ACTS.length);
});

it.each([
  { result: { a: 1, b: null }, text: "a: 1\nb: -" },
  { result: { rows: [] }, text: "rows: none" },
  { result: { rows: [{ a: 1 }, { a: 2, b: ["x"] }] }, text: 'a: 1\n\na: 2\nb: ["x"]' },
])("in words: $text", ({ result, text }) => {
  expect(inLines(result)).toBe(text);
});
