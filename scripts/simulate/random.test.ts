import { expect, it } from "vitest";
import { makeRandom } from "./random.ts";

const mean = (list: number[]) => list.reduce((sum, n) => sum + n, 0) / list.length;
const draw = (count: number, one: () => number) => Array.from({ length: count }, one);

it("the same seed gives the same numbers, another seed others", () => {
  const [a, b, c] = [makeRandom("7"), makeRandom("7"), makeRandom("8")];
  expect(draw(50, a.next)).toEqual(draw(50, b.next));
  expect(draw(5, makeRandom("7").next)).not.toEqual(draw(5, c.next));
});

it("a fork depends on its name, not on what was drawn before", () => {
  const used = makeRandom("7");
  draw(13, used.next);
  expect(used.fork("x").hex(20)).toBe(makeRandom("7").fork("x").hex(20));
  expect(used.fork("x").hex(20)).not.toBe(used.fork("y").hex(20));
});

it.each([
  { name: "uniform", of: () => makeRandom("u").next, expected: 0.5, within: 0.01 },
  { name: "poisson", of: () => poissonOf(2.3), expected: 2.3, within: 0.05 },
  { name: "exponential", of: () => exponentialOf(4), expected: 4, within: 0.1 },
  { name: "normal", of: () => makeRandom("n").normal, expected: 0, within: 0.03 },
])("$name has the mean it should", ({ of, expected, within }) => {
  expect(Math.abs(mean(draw(20_000, of())) - expected)).toBeLessThan(within);
});

function poissonOf(mean: number) {
  const random = makeRandom("p");
  return () => random.poisson(mean);
}

function exponentialOf(mean: number) {
  const random = makeRandom("e");
  return () => random.exponential(mean);
}

it("weights are kept, and a weight of nothing is never drawn", () => {
  const random = makeRandom("w");
  const drawn = draw(10_000, () => random.weighted([1, 0, 3]));
  expect(drawn.filter((n) => n === 1)).toEqual([]);
  expect(drawn.filter((n) => n === 2).length / 10_000).toBeCloseTo(0.75, 1);
});
