import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { maskCardData } from "../../core/card-data.ts";
import { checkEvent } from "../../core/check-event.ts";
import { ENVELOPE, EVENT_TYPES } from "../../core/event-fields.ts";
import { ANALYTIC_FILES, RULE_FILES } from "../../detectors/catalogue.ts";
import { ATTACKS } from "./attacks.ts";
import { threeStoreChain } from "./chain.ts";
import { simulateHistory } from "./history.ts";

/** The rows of the detection catalogue that an attack here aims at; several attacks try many cards on one device. */
const DETECTIONS = [
  ...new Set([...RULE_FILES, ...ANALYTIC_FILES].map((name) => name.replace(/^.*\//, ""))),
]
  .filter((name) => name !== "shared" && name !== "cards-per-device")
  .sort();

const DAY_MS = 86_400_000;
const fromMs = Date.UTC(2026, 10, 2);
const options = { seed: 5, shop: threeStoreChain("attacks"), fromMs, toMs: fromMs + 3 * DAY_MS };
const ids = ATTACKS.map(({ id }) => id);
const attacked = [...simulateHistory({ ...options, attacks: ids })];

it("what is listed exists, and what exists is listed", () => {
  const files = readdirSync(new URL("scenarios/", import.meta.url)).map((file) =>
    file.replace(/\.ts$/, ""),
  );
  expect([...ids].sort()).toEqual(files.sort());
});

it("the README's table names each attack and its detection, and nothing else", () => {
  const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
  const rows = readme
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.replaceAll(/ +/g, " "));
  expect(rows.sort()).toEqual(
    ATTACKS.map((one) => `| \`${one.id}\` | \`${one.detection}\` |`).sort(),
  );
});

it("each attack names a row of the catalogue, and each row here has an attack", () => {
  expect([...new Set(ATTACKS.map(({ detection }) => detection))].sort()).toEqual(DETECTIONS);
});

it("the honest events are the same with and without attacks", () => {
  const honest = attacked.filter(({ label }) => label === undefined);
  expect(JSON.stringify(honest)).toBe(JSON.stringify([...simulateHistory(options)]));
});

it("an unknown attack is refused by name", () => {
  expect(() => [...simulateHistory({ ...options, attacks: ["no-such"] })]).toThrow(/no-such/);
});

it("ids stay unique when attacks are laid over the days", () => {
  expect(new Set(attacked.map(({ draft }) => draft.event_id)).size).toBe(attacked.length);
});

describe.each(ATTACKS)("$id", ({ id, when }) => {
  const events = attacked.filter(({ label }) => label?.attack === id);

  it("happens once, labelled, while the shop is as it needs it", () => {
    expect(events.length).toBeGreaterThan(0);
    expect(new Set(events.map(({ label }) => label?.id)).size).toBe(1);
    const open = events.flatMap(({ draft }) => draft.in_opening_hours ?? []);
    expect(open.filter((is) => is !== (when === "open"))).toEqual([]);
  });

  it("sends what the door takes, with the fields of each type", () => {
    for (const { draft } of events) {
      expect(checkEvent(draft, { nowMs: options.toMs, merchantId: "m" })).toMatchObject({
        ok: true,
        notes: [],
      });
      const known: readonly string[] = [...EVENT_TYPES[draft.event_type].fields, "attributes"];
      const strange = Object.keys(draft).filter(
        (field) => !(field in ENVELOPE) && !known.includes(field),
      );
      expect(strange).toEqual([]);
    }
  });

  it("holds card data only where that is the attack", () => {
    const texts = events.flatMap(({ draft }) => [
      ...Object.values(draft),
      ...Object.values(draft.attributes ?? {}),
    ]);
    const found = texts.some(
      (text) => typeof text === "string" && maskCardData(text).found.length > 0,
    );
    expect(found).toBe(id === "card-number-in-note");
  });
});
