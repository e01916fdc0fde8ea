import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { importFile, type Outcome } from "./import-file.ts";
import { mapRow, readMapping } from "./mapping.ts";
import { readCsv } from "./read-csv.ts";

const folder = mkdtempSync(join(tmpdir(), "tillwatch-import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const file = (content: string | Buffer) => {
  files += 1;
  const path = join(folder, `f${files}`);
  writeFileSync(path, content);
  return path;
};

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
async function rows(text: string, size = 7, separator = ","): Promise<(string | number)[][]> {
  const found: (string | number)[][] = [];
  for await (const { line, cells } of readCsv(inPieces(text, size), separator)) {
    found.push([line, ...cells]);
  }
  return found;
}

describe("CSV", () => {
  it("quotes, doubled quotes, separators and line ends inside quotes, empty lines", async () => {
    const text = 'a,b\r\n"x, ""y""","two\r\nlines"\n\n1,\n';
    for (const size of [1, 2, 5, 100]) {
      expect(await rows(text, size)).toEqual([
        [1, "a", "b"],
        [2, 'x, "y"', "two\r\nlines"],
        [5, "1", ""],
      ]);
    }
  });

  it.each([
    ['a,b\n1,"2\n3,4\n', "line 2: the quote that begins here never ends"],
    ['a\n"x"y\n', "line 2: text behind a closing quote"],
    ['a\nx"y\n', "line 2: a quote in the middle of a cell"],
  ])("%j is refused", async (text, says) => {
    await expect(rows(text)).rejects.toThrow(says);
  });

  it("reads what was written, however it is cut (property)", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "ü", " ") });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (given, size) => {
        const text = given
          .map((one) => one.map((text) => `"${text.replaceAll('"', '""')}"`).join(","))
          .join("\n");
        expect((await rows(text, size)).map(([, ...cells]) => cells)).toEqual(given);
      }),
    );
  });
});

const MAPPING = `
separator: ";"
event_id: [Receipt, Line]
fields:
  event_type: { column: Kind, values: { Sale: sale, Return: refund, Note: null } }
  ts: { column: Date, format: "DD/MM/YYYY HH:mm", zone: Europe/London }
  currency: { value: GBP }
  amount: { column: Total, decimal: ",", absolute: true }
  sale_id: Receipt
`;
const mapping = readMapping(MAPPING);
const ROW = {
  Receipt: "r1",
  Line: "1",
  Kind: "Sale",
  Date: "01/07/2026 12:30",
  Total: "£1.234,50",
};

describe("mapping", () => {
  it("a row becomes an event; summer time is an hour ahead", () => {
    expect(mapRow(mapping, ROW)).toEqual({
      ...{ event_type: "sale", currency: "GBP", amount: 123_450, sale_id: "r1" },
      ts: Date.UTC(2026, 6, 1, 11, 30),
      event_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const winter = mapRow(mapping, { ...ROW, Date: "01/12/2026 12:30" });
    expect(winter).toMatchObject({ ts: Date.UTC(2026, 11, 1, 12, 30) });
  });

  it("the same row gives the same id, another line another", () => {
    const id = (row: typeof ROW) => (mapRow(mapping, row) as { event_id: string }).event_id;
    expect(id({ ...ROW })).toBe(id(ROW));
    expect(id({ ...ROW, Line: "2" })).not.toBe(id(ROW));
  });

  it.each([
    [{ Kind: "Note" }, null],
    [{ Kind: "Exchange" }, 'event_type: "Exchange" is not among values.'],
    [{ Total: "(12,00)" }, { amount: 1_200 }],
    [{ Total: "12,345" }, 'amount: "12,345" is no amount of GBP.'],
    [{ Total: "abc" }, 'amount: "abc" is no amount of GBP.'],
    [{ Date: "31/02/2026 10:00" }, 'ts: "31/02/2026 10:00" is no time as DD/MM/YYYY HH:mm.'],
    [{ Date: "07/01/26" }, 'ts: "07/01/26" is no time as DD/MM/YYYY HH:mm.'],
    [{ Receipt: "", Line: "" }, "event_id: Receipt, Line are empty."],
  ])("%j", (change, expected) => {
    const mapped = mapRow(mapping, { ...ROW, ...change });
    if (typeof expected === "object" && expected !== null) expect(mapped).toMatchObject(expected);
    else expect(mapped).toBe(expected);
  });

  it.each([
    [MAPPING.replace("amount:", "amont:"), 'no such field. Did you mean "amount"'],
    [MAPPING.replace("Europe/London", "Europe/Londn"), "no time zone"],
    [MAPPING.replace(/ {2}ts:.*\n/, ""), "fields.ts is needed"],
    [MAPPING.replace("event_id: [Receipt, Line]", ""), "event_id"],
    ["a: [", "mistakes"],
  ])("refuses a mapping that cannot be meant", (text, says) => {
    expect(() => readMapping(text)).toThrow(says);
  });
});

/** A door that takes everything once. */
function door() {
  const taken = new Set<string>();
  let calls = 0;
  return {
    taken,
    failAfter: Number.POSITIVE_INFINITY,
    async post(events: readonly object[]): Promise<readonly Outcome[]> {
      calls += 1;
      if (calls > this.failAfter) throw new Error("cut off");
      return events.map((event) => {
        const { event_id } = event as { event_id: string };
        const outcome = taken.has(event_id) ? "duplicate" : "accepted";
        taken.add(event_id);
        return { outcome };
      });
    },
  };
}
const options = (path: string, at: ReturnType<typeof door>, change: object = {}) => {
  const refused: string[] = [];
  const given = {
    ...{
      path,
      kind: "lines" as const,
      mapping,
      encoding: "utf-8",
      target: "a",
      dryRun: false,
      now: () => Date.UTC(2026, 10, 25),
    },
    post: (events: readonly object[]) => at.post(events),
    onProgress() {},
    onRefused: (line: number, why: string) => refused.push(`${line}: ${why}`),
    ...change,
  };
  return { given, refused };
};
const HEAD = "Receipt;Line;Kind;Date;Total\n";
const line = (n: number, kind = "Sale") => `r${n};1;${kind};01/07/2026 12:30;10,00\n`;
const table = (count: number) => HEAD + Array.from({ length: count }, (_, n) => line(n)).join("");

describe("a whole file", () => {
  it("goes in once; a cut run goes on where it was, a second run is nothing new", async () => {
    const path = file(table(1_200));
    const at = door();
    at.failAfter = 1;
    await expect(importFile(options(path, at).given)).rejects.toThrow("cut off");
    at.failAfter = Number.POSITIVE_INFINITY;
    expect(await importFile(options(path, at).given)).toMatchObject({
      skipped: 500,
      accepted: 700,
    });
    expect(at.taken.size).toBe(1_200);
    expect(await importFile(options(path, at).given)).toMatchObject({ skipped: 1_200, rows: 0 });
    const other = options(path, door(), { target: "another merchant's key" });
    expect(await importFile(other.given)).toMatchObject({ skipped: 0, accepted: 1_200 });
    await importFile(options(path, at).given);
    rmSync(`${path}.cursor.json`);
    expect(await importFile(options(path, at).given)).toMatchObject({ duplicate: 1_200 });
  });

  it("a dry run sends nothing, keeps no place, and says what the door would", async () => {
    const path = file(`${HEAD}${line(1)}${line(2, "Exchange")}r3;1;Sale;01/07/1999 12:30;1,00\n`);
    const at = door();
    const { given, refused } = options(path, at, { dryRun: true });
    expect(await importFile(given)).toMatchObject({ rows: 3, accepted: 1, refused: 2 });
    expect(refused).toEqual([
      '3: event_type: "Exchange" is not among values.',
      expect.stringMatching(/^4: time_out_of_range/),
    ]);
    expect(at.taken.size).toBe(0);
    expect(() => readFileSync(`${path}.cursor.json`)).toThrow();
  });

  it.each([
    ["a column that is not there", "Receipt;Line;Kind;Datum;Total\n", 'no column "Date"'],
    ["an empty file", "", "The file is empty"],
    ["another encoding", Buffer.from([0x52, 0xfc, 0x3b]), "windows-1252"],
  ])("%s is refused", async (_, content, says) => {
    await expect(importFile(options(file(content), door()).given)).rejects.toThrow(says);
  });

  it("other encodings are read when they are named; too many cells are told", async () => {
    const path = file(Buffer.from(`${HEAD}Zürich;1;Sale;01/07/2026 12:30;1,00\n`, "latin1"));
    const { given } = options(path, door(), { encoding: "windows-1252" });
    expect(await importFile(given)).toMatchObject({ accepted: 1 });
    const more = options(file(`${HEAD}a;1;Sale;01/07/2026 12:30;1,00;x\n`), door());
    await importFile(more.given);
    expect(more.refused[0]).toContain("6 cells under 5 columns");
  });

  it("NDJSON of our own events", async () => {
    const good = {
      event_id: "e1",
      event_type: "sale",
      ts: 1_764_000_000_000,
      amount: 1,
      currency: "EUR",
    };
    const path = file(`${JSON.stringify(good)}\r\n\n[1]\nno\n`);
    const { given, refused } = options(path, door(), { mapping: null });
    expect(await importFile(given)).toMatchObject({ rows: 3, accepted: 1, refused: 2 });
    expect(refused).toEqual(["3: an event is a JSON object.", "4: it is not JSON."]);
  });
});
