// The streaming engine of one merchant: takes one instant at a time, in order, and says what fires. No clock, no store.
import type { Event } from "../../../core/event.ts";
import type { Finding } from "../../../core/finding.ts";
import type { Ruleset } from "../plan.ts";
import { reachByType } from "./compile.ts";
import { createJudgeAgain, type JudgeAgain } from "./judge-again.ts";
import { type EngineSettings, newRun } from "./live-run.ts";
import { settleAll, takeInstant } from "./take-instant.ts";
import { createFindTouched, type FindTouched } from "./touched.ts";

/**
 * `step`: all events of one instant, sorted by event_id, later than any before; out: findings in order of rule and
 * group. `absorb`: the same in silence, to rebuild windows. `judgeLate` and `judgeHistory`: see judge-again.ts.
 */
export type Engine = JudgeAgain & {
  step(instant: readonly Event[]): Finding[];
  absorb(instant: readonly Event[]): void;
  /** Moves the instant on without events, never back. */
  absorbUpTo(ts: number): void;
  /** How far back each event type is needed to rebuild the windows, in ms. */
  reachByType(): ReadonlyMap<string, number>;
  /** What is due once each source has shown something as late as this, UTC ms: the end of a stretch of history. */
  finish(clock: ReadonlyMap<string, number>): Finding[];
  /** What events can change, without a look at the windows. */
  touched: FindTouched;
  /** The last instant taken, or -Infinity. */
  instant(): number;
  stats(): { groups: number; items: number; off: string[] };
};

export function createEngine(ruleset: Ruleset, settings: EngineSettings): Engine {
  const run = newRun(ruleset, settings);
  const { states, off } = run;
  return {
    step: (instant) => takeInstant(run, instant, true),
    absorb: (instant) => void takeInstant(run, instant, false),
    absorbUpTo: (ts) => {
      run.instantTs = Math.max(run.instantTs, ts);
    },
    finish(clock) {
      for (const [source, ts] of clock) {
        run.clock.set(source, Math.max(ts, run.clock.get(source) ?? ts));
      }
      return settleAll(run);
    },
    reachByType: () => reachByType(run.compiled),
    touched: createFindTouched(run),
    instant: () => run.instantTs,
    stats: () => ({
      groups: states.reduce((sum, state) => sum + state.groups.size, 0),
      items: states.reduce((sum, state) => sum + state.items + (state.keeper?.size() ?? 0), 0),
      off: [...off].sort(),
    }),
    ...createJudgeAgain(run),
  };
}
