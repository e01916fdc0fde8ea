// Whether a connection is well, in words for the shop's owner. Pure.

export type Gap = { from: number; to: number };
export type AskedHealth = {
  what: string;
  last_ok_at: number | null;
  next_at: number;
  last_error: string | null;
  last_error_at: number | null;
  failures: number;
};
export type HealthFacts = {
  nowMs: number;
  created_at: number;
  account: string | null;
  account_confirmed: boolean;
  last_delivery_at: number | null;
  /** Starts of the five-minute spans of the last week in which something came. */
  minutes: readonly number[];
  quarantined: number;
  refused: { words: string; at: number } | null;
  asks: readonly AskedHealth[];
};
export type HealthState = "ok" | "new" | "silent" | "trouble";

const SPAN_MS = 300_000;
const LEAST_GAP_MS = 3_600_000;
const MOST_GAPS = 5;

/** The longest silences over an hour of the last week, longest first; the one that goes on now is the last that can end. */
export function gapsOf(minutes: readonly number[], nowMs: number): Gap[] {
  const gaps: Gap[] = [];
  for (const [nth, start] of minutes.entries()) {
    const from = start + SPAN_MS;
    const to = minutes[nth + 1] ?? nowMs;
    if (to - from >= LEAST_GAP_MS) gaps.push({ from, to });
  }
  return gaps.sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, MOST_GAPS);
}

/** The first reason counts. Silent: twice as long as any silence of the last week before it. */
export function judgeHealth(facts: HealthFacts): {
  state: HealthState;
  words: string;
  gaps: Gap[];
} {
  const gaps = gapsOf(facts.minutes, facts.nowMs);
  return { ...verdict(facts, gaps), gaps };
}

function verdict(facts: HealthFacts, gaps: readonly Gap[]): { state: HealthState; words: string } {
  const { refused, last_delivery_at: last, nowMs } = facts;
  const failing = facts.asks.find(({ failures }) => failures > 0);
  if (failing !== undefined)
    return { state: "trouble", words: failing.last_error ?? "Asking the provider fails." };
  if (refused !== null && refused.at > (last ?? 0))
    return { state: "trouble", words: `The last delivery was refused. ${refused.words}` };
  if (facts.account !== null && !facts.account_confirmed)
    return {
      state: "trouble",
      words: "Its account is not confirmed yet: say whether it is yours.",
    };
  if (facts.quarantined > 0)
    return { state: "trouble", words: `${facts.quarantined} deliveries or events are set aside.` };
  if (last === null) return { state: "new", words: "Nothing has come yet." };
  const now = gaps.find(({ to }) => to === nowMs);
  const longest = Math.max(
    0,
    ...gaps.filter((gap) => gap !== now).map(({ from, to }) => to - from),
  );
  const hasHistory = facts.minutes.length > 12;
  if (now !== undefined && hasHistory && nowMs - now.from > 2 * Math.max(longest, LEAST_GAP_MS))
    return { state: "silent", words: "Nothing has come for longer than in the whole last week." };
  return { state: "ok", words: "It works." };
}
