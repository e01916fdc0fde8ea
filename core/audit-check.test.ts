import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { auditHash } from "./audit-chain.ts";
import { type AuditVerdict, checkAuditExport, type Expected } from "./audit-check.ts";
import { auditSigner, signatureHolds, signHead } from "./audit-signature.ts";
import { madeChain, madeExport, madeHeads, madeSigner } from "./testing/made-audit-log.ts";

const shop = madeChain("mer_shop", 7);
const service = madeChain("service", 5);
const heads = [...madeHeads(shop, 3), ...madeHeads(service, 2)];
let whole: Buffer;
/** One of each kind of line and two chains, for the tests that go through every byte. */
let small: Buffer;
let lines: string[];
beforeAll(async () => {
  const few = [madeChain("mer_few", 1), madeChain("service", 1)];
  small = await madeExport(
    few,
    few.flatMap((rows) => madeHeads(rows, 1)),
  );
  whole = await madeExport([shop, service], heads);
  lines = whole.toString().trimEnd().split("\n");
});

function verdictOf(bytes: Buffer, expected: Expected = {}): AuditVerdict {
  const checker = checkAuditExport(expected);
  checker.take(bytes);
  return checker.finish();
}
const ofLines = (some: readonly string[], expected?: Expected) =>
  verdictOf(Buffer.from(`${some.join("\n")}\n`), expected);
const keys = [madeSigner.publicKey];

describe("an export of the audit log proves itself offline (promise 5)", () => {
  it("a whole one is whole, with its chains and their last hashes", () => {
    expect(verdictOf(whole)).toMatchObject({ ok: true, key_compared: false });
    expect(verdictOf(whole, { keys })).toEqual({
      ...{ ok: true, entries: 12, heads: 6, made_at: 1_764_000_000_000, key_compared: true },
      public_key: madeSigner.publicKey,
      chains: [
        { chain: "mer_shop", entries: 7, hash: shop.at(-1)?.hash },
        { chain: "service", entries: 5, hash: service.at(-1)?.hash },
      ],
    });
  });

  it("is whole however the bytes arrive", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 40 }), (cuts) => {
        const checker = checkAuditExport({ keys });
        let from = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), whole.length]) {
          checker.take(whole.subarray(from, cut));
          from = cut;
        }
        expect(checker.finish()).toMatchObject({ ok: true, entries: 12 });
      }),
    );
  });

  it("every single byte changed to any other is found, and at the line where it is or one that names it", () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const verdict = verdictOf(bytes);
        expect(verdict.ok).toBe(false);
        const line = 1 + whole.subarray(0, at).filter((byte) => byte === 10).length;
        if (!verdict.ok) expect([line, line + 1]).toContain(verdict.line);
      }),
      { numRuns: 500 },
    );
  });

  it("every byte of every line, changed by one bit, is found", () => {
    expect(verdictOf(small, { keys })).toMatchObject({ ok: true, entries: 2, heads: 2 });
    for (let at = 0; at < small.length; at += 1) {
      const bytes = Buffer.from(small);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(verdictOf(bytes).ok, `byte ${at}`).toBe(false);
    }
  });

  it("a byte put in or taken out anywhere is found", () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const more = [whole.subarray(0, at), Buffer.from([byte]), whole.subarray(at)];
        const less = [whole.subarray(0, at), whole.subarray(at + 1)];
        expect(verdictOf(Buffer.concat(more)).ok).toBe(false);
        expect(verdictOf(Buffer.concat(less)).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("a line left out, doubled or swapped with another is found, whichever it is", () => {
    const place = fc.nat(lines.length - 1);
    fc.assert(
      fc.property(place, place, (a, b) => {
        const without = lines.filter((_, nth) => nth !== a);
        expect(ofLines(without).ok).toBe(false);
        expect(ofLines([...lines.slice(0, a), lines[b] as string, ...lines.slice(a)]).ok).toBe(
          false,
        );
        if (a === b) return;
        const swapped = [...lines];
        [swapped[a], swapped[b]] = [lines[b] as string, lines[a] as string];
        expect(ofLines(swapped).ok).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it("a file cut off at any byte is found", () => {
    for (let length = 0; length < small.length; length += 1) {
      expect(verdictOf(small.subarray(0, length)).ok, `after ${length} bytes`).toBe(false);
    }
  });
});

/** What somebody can do who holds the database, knows the format, but has no key: every hash is made anew. */
describe("a forger without the key", () => {
  it.each([
    { name: "entry", at: 2, fault: { line: 3, chain: "mer_shop", seq: 3, why: /was changed/ } },
    { name: "hash before", at: 1, fault: { line: 2, seq: 2, why: /does not follow/ } },
  ])("who changes the $name is named at the first broken entry", ({ name, at, fault }) => {
    const row = JSON.parse(lines[at] as string);
    if (name === "entry") row.actor = "account:other";
    else row.previous_hash = "0".repeat(64);
    expect(ofLines(lines.with(at, JSON.stringify(row)))).toMatchObject({
      ok: false,
      ...fault,
      why: expect.stringMatching(fault.why),
    });
  });

  it("who drops the newest entries is found by the signed head, which names the first that is missing", () => {
    const dropped = lines.filter((line) => !/"chain":"mer_shop","seq":[67]/.test(line));
    const withHead = [...dropped.slice(0, 10), ...lines.slice(12)];
    expect(ofLines(withHead)).toMatchObject({
      ...{ ok: false, chain: "mer_shop", seq: 6 },
      why: expect.stringMatching(/a signed head names entry 6/),
    });
  });

  it("who rewrites the tail with fresh hashes is found at the signed head", async () => {
    const forged = shop.slice(0, 4);
    for (const old of shop.slice(4)) {
      const content = { ...old, actor: "cli", previous_hash: forged.at(-1)?.hash as string };
      forged.push({ ...content, hash: auditHash(content) });
    }
    const bytes = await madeExport([forged, service], heads);
    expect(verdictOf(bytes)).toMatchObject({ ok: false, chain: "mer_shop", seq: 6 });
  });

  it("who signs everything anew with a key of his own is found by the key that is known", async () => {
    const other = auditSigner("another-key-of-the-tests-that-is-no-secret");
    const theirs = heads.map((head) => signHead(other, head));
    expect(verdictOf(await madeExport([shop, service], theirs), { keys })).toMatchObject({
      ...{ ok: false, line: 13 },
      why: "this head is signed with another key",
    });
    expect(verdictOf(whole, { keys: [other.publicKey] }).ok).toBe(false);
    expect(verdictOf(whole, { keys: [other.publicKey, ...keys] }).ok).toBe(true);
  });

  it("an entry that no signed head covers is not taken for proven", async () => {
    const bytes = await madeExport([shop], madeHeads(shop.slice(0, 6), 3));
    expect(verdictOf(bytes)).toMatchObject({ ok: false, chain: "mer_shop", seq: 7 });
  });

  it("a history that was written anew lacks the anchor, a whole one has it", () => {
    const anchors = [shop[3]?.hash as string, service[4]?.hash as string];
    expect(verdictOf(whole, { keys, anchors }).ok).toBe(true);
    expect(verdictOf(whole, { anchors: ["a".repeat(64)] })).toMatchObject({
      ...{ ok: false, line: lines.length },
      why: expect.stringMatching(/anchor/),
    });
  });
});

it.each([
  { name: "nothing", bytes: "" },
  { name: "a line break", bytes: "\n" },
  { name: "a page of HTML", bytes: "<!doctype html>\n" },
  { name: "two megabytes without a line break", bytes: "x".repeat(2_000_000) },
  { name: "bytes that are no text", bytes: "\xff\xfe\n" },
])("$name is no export", ({ bytes }) => {
  expect(verdictOf(Buffer.from(bytes, "latin1"))).toMatchObject({ ok: false, line: 1 });
});

it("one secret gives one key, and its signature holds for its text alone", () => {
  const [a, again, b] = ["secret-a", "secret-a", "secret-b"].map(auditSigner);
  expect(a?.publicKey).toBe(again?.publicKey);
  expect(a?.publicKey).not.toBe(b?.publicKey);
  const signature = a?.sign("text") ?? "";
  expect(signatureHolds(a?.publicKey ?? "", "text", signature)).toBe(true);
  expect(signatureHolds(a?.publicKey ?? "", "texu", signature)).toBe(false);
  expect(signatureHolds(b?.publicKey ?? "", "text", signature)).toBe(false);
  expect(signatureHolds("f".repeat(64), "text", signature)).toBe(false);
  expect(signatureHolds("short", "text", signature)).toBe(false);
});
