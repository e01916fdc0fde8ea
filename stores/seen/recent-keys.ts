// Keys of the last minutes: bridges the time between "on disk" and "found by a query".

/** Keeps a key for at least `ms`, unless more than `most` come in that time. Two generations: no timer per key. */
export class RecentKeys {
  readonly #ms: number;
  readonly #most: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #since = performance.now();

  constructor(ms: number, most: number) {
    this.#ms = ms;
    this.#most = most;
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  add(key: string): void {
    const now = performance.now();
    if (now - this.#since > this.#ms || this.#young.size >= this.#most) {
      this.#old = this.#young;
      this.#young = new Set();
      this.#since = now;
    }
    this.#young.add(key);
  }
}
