// How serious a finding is: Sigma's five levels, in order.

export const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;
export type Level = (typeof LEVELS)[number];

/** Compares two levels: negative when `a` is less serious than `b`. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b);
}

export function highestLevel(a: Level, b: Level): Level {
  return compareLevels(a, b) >= 0 ? a : b;
}
