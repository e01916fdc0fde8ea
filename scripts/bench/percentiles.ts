// Percentiles of a handful of measurements, for reports.

export type Spread = { n: number; p50: number; p95: number; p99: number; max: number };

/** Nearest-rank percentiles. In: any numbers, at least one. Source: ISO 16269-4 nearest-rank method. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { n: sorted.length, p50: rank(0.5), p95: rank(0.95), p99: rank(0.99), max: rank(1) };
}
