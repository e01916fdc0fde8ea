// Whether people are told of an alert at once, or with the next digest: a table by level, without clock or store.
import type { Level } from "../core/level.ts";

export type Telling = {
  level: Level;
  /** What there is to say: `opened`, `escalated_…`, `woke_…`, `withdrawn`. */
  kind: string;
  /** People know of this alert already. */
  told: boolean;
  /** Alerts of this store that were told within the last seven days, of all levels. */
  used: number;
  budget: number;
};

export type Verdict = { do: "tell" | "nothing" } | { do: "hold"; why: string };

/**
 * | level          | not told yet                                  | told already |
 * |----------------|-----------------------------------------------|--------------|
 * | critical, high | tell                                          | tell         |
 * | medium         | tell while places are left, else hold         | tell         |
 * | low            | tell while two places are left, else hold: the last one is kept for a medium | tell |
 * | informational  | nothing: it stands in the list                | nothing      |
 *
 * A withdrawal is told only to those who know of the alert. What is told for the first time takes a place, whatever its
 * level; what follows in the same thread takes none.
 */
export function judgeTelling({ level, kind, told, used, budget }: Telling): Verdict {
  if (level === "informational") return { do: "nothing" };
  if (kind === "withdrawn") return { do: told ? "tell" : "nothing" };
  if (told || level === "critical" || level === "high") return { do: "tell" };
  const places = level === "low" ? Math.max(0, budget - 1) : budget;
  if (used < places) return { do: "tell" };
  const kept =
    level === "low" && used < budget ? "; the last place is kept for more serious ones" : "";
  const why = `${used} of ${budget} alerts that this store's week has room for were told${kept}. It waits for the digest.`;
  return { do: "hold", why };
}
