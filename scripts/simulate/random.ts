// A small seeded source of chance, so that the same seed always gives the same shop, day and attack.

export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Whole number from..to, both included. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Index drawn by weight. */
  weighted(weights: readonly number[]): number;
  /** Standard normal. */
  normal(): number;
  exponential(mean: number): number;
  poisson(mean: number): number;
  hex(digits: number): string;
  digits(count: number): string;
  /** An independent source that depends on this seed and the name only, not on what was drawn so far. */
  fork(name: string): Random;
  /** Puts the list into an order of chance, in place. Source: Fisher and Yates. */
  shuffle(list: unknown[]): void;
};

/** Four 32-bit words from a text. Source: xmur3 by bryc, public domain. */
function seedWords(text: string): [number, number, number, number] {
  let h = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i += 1) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353);
    h = (h << 13) | (h >>> 19);
  }
  const word = () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507);
    h = Math.imul(h ^ (h >>> 13), 3266489909);
    h ^= h >>> 16;
    return h >>> 0;
  };
  return [word(), word(), word(), word()];
}

/** Uniform numbers in [0, 1). Source: sfc32 of PractRand, public domain. */
function sfc32(words: [number, number, number, number]): () => number {
  let [a, b, c, d] = words;
  return () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
}

export function makeRandom(seed: string): Random {
  const next = sfc32(seedWords(seed));
  for (let i = 0; i < 12; i += 1) next();
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const hex = (count: number) => {
    let made = "";
    while (made.length < count) {
      const word = Math.floor(next() * 4294967296);
      made += word.toString(16).padStart(8, "0");
    }
    return made.slice(0, count);
  };
  const digits = (count: number) => {
    let made = "";
    for (let i = 0; i < count; i += 1) made += int(0, 9);
    return made;
  };
  const exponential = (mean: number) => -Math.log(1 - next()) * mean;
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T,
    weighted(weights) {
      let sum = 0;
      for (const weight of weights) sum += weight;
      let left = next() * sum;
      for (let i = 0; i < weights.length; i += 1) {
        left -= weights[i] ?? 0;
        if (left < 0) return i;
      }
      return weights.length - 1;
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential,
    poisson(mean) {
      let count = 0;
      for (let left = mean - exponential(1); left > 0; left -= exponential(1)) count += 1;
      return count;
    },
    hex,
    digits,
    shuffle(list) {
      for (let at = list.length - 1; at > 0; at -= 1) {
        const other = int(0, at);
        [list[at], list[other]] = [list[other], list[at]];
      }
    },
    fork: (name) => makeRandom(`${seed}/${name}`),
  };
}
