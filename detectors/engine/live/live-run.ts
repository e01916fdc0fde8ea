// What the parts of one merchant's engine share, and how a rule that throws is switched off alone.
import { currencyDecimals } from "../../../core/money.ts";
import type { ListLookup, Ruleset } from "../plan.ts";
import { type Compiled, compileRuleset, type Detection, type Live, type Node } from "./compile.ts";
import { type NodeState, newState } from "./state.ts";

/**
 * `currency` scales money in rules (R37). `maxItemsPerRule` bounds each correlation's memory (about 16 bytes and a
 * reference an item). `onFault`: a rule threw and is off from now on. `onShed`: groups were let go to stay in bounds.
 */
export type EngineSettings = {
  merchantId: string;
  currency: string;
  language?: string;
  maxItemsPerRule?: number;
  /** Only this rule (used to judge late events again). */
  only?: string;
  /** The merchant's lists (R20); without it nothing is listed. */
  lists?: ListLookup;
  onFault?(rule: string, error: unknown): void;
  onShed?(rule: string, lost: { groups: number; items: number }): void;
};

/** What the parts of one engine share. */
export type Run = {
  ruleset: Ruleset;
  settings: EngineSettings;
  compiled: Compiled;
  states: readonly NodeState[];
  /** Names of detections and correlations that threw: off for good. */
  off: Set<string>;
  instantTs: number;
  /** Names of correlations that had to let groups go. */
  shed: Set<string>;
  /** The newest instant of each source (event field `source`), training left out. */
  clock: Map<string, number>;
};

export const MAX_ITEMS_PER_RULE = 500_000;

export function newRun(ruleset: Ruleset, settings: EngineSettings): Run {
  const compiled = compileRuleset(ruleset, currencyDecimals(settings.currency), settings.only);
  return {
    ruleset,
    settings,
    compiled,
    states: compiled.nodes.map(newState),
    off: new Set(),
    instantTs: Number.NEGATIVE_INFINITY,
    shed: new Set(),
    clock: new Map(),
  };
}

/** A rule that throws is switched off alone: everything it feeds falls silent, everything else goes on. */
export function guarded(run: Run, of: Detection | Node, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (run.off.has(of.plan.name)) return;
    run.off.add(of.plan.name);
    for (const rule of rulesAbove(of)) run.settings.onFault?.(rule.rule.name, error);
  }
}

/** The rules that hear of a detection or correlation, itself included. */
function rulesAbove(of: Detection | Node): Live[] {
  const own = of.rule === undefined ? [] : [of.rule];
  return [...new Set([...own, ...of.feeds.flatMap((feed) => rulesAbove(feed.node))])];
}
