// The memory of ids: finds what was added, forgets only the oldest, and says from when on it is complete.
import { expect, it } from "vitest";
import { type IdHash, makeHasher } from "./id-hash.ts";
import { IdSet } from "./id-set.ts";

const hash = makeHasher(new Uint8Array(16));
const word: IdHash = { shard: 0, a: 0, b: 0, c: 0 };
const at = (id: string) => {
  hash("mer_a", id, word);
  return word;
};

it("finds exactly what was added, while it grows", () => {
  const set = new IdSet(1_000_000);
  for (let i = 0; i < 50_000; i += 1) set.add(at(`e${i}`), i * 1000);
  for (let i = 0; i < 50_000; i += 1) expect(set.has(at(`e${i}`))).toBe(true);
  for (let i = 0; i < 50_000; i += 1) expect(set.has(at(`f${i}`))).toBe(false);
  set.add(at("e1"), 1000);
  expect(set.size).toBe(50_000);
  expect(set.goneThroughMs).toBe(Number.NEGATIVE_INFINITY);
});

it("drops the oldest when it is full, and everything later than it says is there", () => {
  const set = new IdSet(10_000);
  const times = Array.from({ length: 60_000 }, (_, i) => ((i * 7919) % 60_000) * 1000);
  for (const [i, ts] of times.entries()) set.add(at(`e${i}`), ts);
  expect(set.size).toBeLessThan(11_000);
  expect(set.size).toBeGreaterThan(5000);
  expect(set.goneThroughMs).toBeGreaterThan(40_000_000);
  for (const [i, ts] of times.entries()) {
    if (ts > set.goneThroughMs) expect(set.has(at(`e${i}`))).toBe(true);
  }
});

it("tells merchant and id apart, and spreads over its parts", () => {
  const one = { ...at("x") };
  hash("mer_b", "x", word);
  expect(word).not.toEqual(one);
  const shards = new Set(Array.from({ length: 5000 }, (_, i) => at(`id-${i}`).shard));
  expect(shards.size).toBe(256);
  const words = new Set(
    Array.from({ length: 100_000 }, (_, i) => {
      const { a, b, c } = at(`2026-${i}`);
      return `${a}.${b}.${c}`;
    }),
  );
  expect(words.size).toBe(100_000);
});
