// What is usual, from values of the past, and whether a value is far above it. One shared pure function for every engine.
import type { Baseline } from "../plan.ts";

/** `usual`: the middle of the reference; `bound`: the least value that is too much, in the measure's own unit. */
export type Verdict = { fires: boolean; usual: number; bound: number };

/** Fewer reference values than this say nothing. */
export const LEAST_REFERENCE = 20;

/** Scales the median absolute deviation to a standard deviation of a normal distribution (Rousseeuw and Croux 1993). */
const MAD_SCALE = 1.4826;

/** In: the value; the reference, ascending, at least {@link LEAST_REFERENCE} of them. */
export function judgeUsual(of: Baseline, x: number, ascending: readonly number[]): Verdict {
  const { k, compare } = of;
  const above = (bound: number) => (compare === "gte" ? x >= bound : x > bound);
  switch (of.method) {
    case "robust_z": {
      const usual = medianOf(ascending);
      const apart = ascending.map((value) => Math.abs(value - usual)).sort((a, b) => a - b);
      const bound = usual + k * Math.max(MAD_SCALE * medianOf(apart), of.floor);
      return { fires: above(bound) && x > usual, usual, bound };
    }
    case "quantile": {
      const usual = Math.max(quantileOf(ascending, of.quantile / 100), of.floor);
      return { fires: above(k * usual), usual, bound: k * usual };
    }
    case "mean": {
      const sum = ascending.reduce((total, value) => total + value, 0);
      const usual = Math.max(sum / ascending.length, of.floor);
      return { fires: above(k * usual), usual, bound: k * usual };
    }
    case "poisson": {
      const sum = ascending.reduce((total, value) => total + value, 0);
      const usual = Math.max(sum / ascending.length, of.floor);
      const tail = -log10Tail(x, usual);
      const fires = (compare === "gte" ? tail >= k : tail > k) && x > usual;
      return { fires, usual, bound: poissonBound(of, usual) };
    }
  }
}

/** The mean of the two middle values when there are two. */
function medianOf(ascending: readonly number[]): number {
  const middle = ascending.length >>> 1;
  const high = ascending[middle] ?? 0;
  return ascending.length % 2 === 1 ? high : ((ascending[middle - 1] ?? 0) + high) / 2;
}

/** Linear between neighbours (type 7 of Hyndman and Fan 1996). */
function quantileOf(ascending: readonly number[], level: number): number {
  const place = level * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below] ?? 0;
  return low + (place - below) * ((ascending[below + 1] ?? low) - low);
}

/** log10 of P(X >= x) for a Poisson of that mean; the terms are added from the first on, in logarithms. */
function log10Tail(x: number, mean: number): number {
  const from = Math.max(0, Math.ceil(x));
  if (from === 0) return 0;
  let term = from * Math.log(mean) - mean - logFactorial(from);
  const first = term;
  let sum = 0;
  for (let k = from; k < from + 10_000; k += 1) {
    sum += Math.exp(term - first);
    term += Math.log(mean / (k + 1));
    if (term - first < -40 && k > mean) break;
  }
  return Math.min(0, (first + Math.log(sum)) / Math.LN10);
}

/** Exact sum below 256, Stirling's series above. */
function logFactorial(n: number): number {
  if (n < 256) {
    let sum = 0;
    for (let k = 2; k <= n; k += 1) sum += Math.log(k);
    return sum;
  }
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}

function poissonBound({ k, compare }: Baseline, mean: number): number {
  let bound = Math.ceil(mean);
  for (let tries = 0; tries < 100_000; tries += 1, bound += 1) {
    const tail = -log10Tail(bound, mean);
    if (compare === "gte" ? tail >= k : tail > k) break;
  }
  return bound;
}
