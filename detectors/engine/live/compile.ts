// Links a ruleset for the streaming engine: who feeds whom, what each event type can reach, money scaled, spans summed.
import { EVENT_TYPES, type EventType } from "../../../core/event-fields.ts";
import type {
  Analytic,
  Comparison,
  CorrelationPlan,
  DetectionPlan,
  Rule,
  Ruleset,
  Tier,
} from "../plan.ts";
import { scaleComparisons, scaleExpr, scaleFor, scaleTiers } from "../scale.ts";
import { createAbsence } from "./absence.ts";
import { createBaseline } from "./baseline.ts";
import type { Keeper } from "./keeper.ts";
import { compileExpr, type Match } from "./match.ts";
import { temporalNeeds } from "./temporal.ts";

/** Late events up to this old (behind the instant) are judged again from memory alone; windows keep that much more. */
export const MARGIN_MS = 15 * 60_000;

const ALL_TYPES = Object.keys(EVENT_TYPES) as EventType[];

/** Where a match or a firing goes: `step` is its place in the outer rule's list. */
export type Feed = { node: Node; step: number };

export type Detection = {
  plan: DetectionPlan;
  match: Match;
  rule: Live | undefined;
  feeds: Feed[];
};

export type Node = {
  plan: CorrelationPlan;
  index: number;
  comparisons: readonly Comparison[];
  /** Temporal kinds: do the rules seen (by their places, as text) meet the condition? */
  seen(keys: ReadonlyMap<string, number>): boolean;
  /** Temporal kinds: each rule's place in the chain, -1 for one that must not occur. */
  order: readonly number[];
  /** Whether an item of each rule is a reason to judge. */
  wakes: readonly boolean[];
  /** Of analytics that no window serves: makes what a merchant's engine keeps instead. */
  newKeeper: (() => Keeper) | undefined;
  /** How long an item is kept after it happened: own span, outer spans, margin. */
  retainMs: number;
  rule: Live | undefined;
  feeds: Feed[];
  inner: Node[];
  detections: Detection[];
};

/** A rule that runs, with its numbers scaled to the currency. */
export type Live = {
  rule: Rule;
  tiers: readonly Tier[];
  fields: readonly string[];
  root: Detection | Node;
};

export type Compiled = {
  byType: ReadonlyMap<string, readonly Detection[]>;
  /** Inner before outer. */
  nodes: readonly Node[];
  rules: readonly Live[];
};

export const isNode = (of: Detection | Node): of is Node => of.plan.kind === "correlation";

const compiledFor = new WeakMap<Ruleset, Map<string, Compiled>>();

/**
 * The ruleset linked for a currency with so many decimals, without rules that are off; `only` keeps one rule.
 * Remembered per ruleset: merchants share it, state lies elsewhere.
 */
export function compileRuleset(ruleset: Ruleset, decimals: number, only?: string): Compiled {
  let known = compiledFor.get(ruleset);
  if (known === undefined) {
    known = new Map();
    compiledFor.set(ruleset, known);
  }
  const key = `${decimals}:${only ?? ""}`;
  let compiled = known.get(key);
  if (compiled === undefined) {
    compiled = compile(ruleset, decimals, only);
    known.set(key, compiled);
  }
  return compiled;
}

function compile(ruleset: Ruleset, decimals: number, only: string | undefined): Compiled {
  const scale = scaleFor(decimals);
  const wanted = ruleset.rules.filter(
    (rule) => rule.mode !== "off" && (only === undefined || rule.name === only),
  );
  const linked = new Map<string, Detection | Node>();
  const link = (name: string): Detection | Node | undefined => {
    const known = linked.get(name);
    const plan = ruleset.plans.get(name);
    if (known !== undefined || plan === undefined) return known;
    const made = plan.kind === "detection" ? newDetection(plan, scale) : newNode(plan, scale);
    linked.set(name, made);
    if (isNode(made))
      for (const { inner, step } of stepsOf(made.plan)) feed(link(inner), made, step);
    return made;
  };
  const rules = wanted.flatMap((rule) => {
    const root = link(rule.name);
    if (root === undefined) return [];
    root.rule = {
      rule,
      root,
      tiers: scaleTiers(rule, root.plan, scale),
      fields: shownFields(root),
    };
    return [root.rule];
  });
  const nodes = ruleset.correlations.flatMap((plan) => {
    const node = linked.get(plan.name);
    return node !== undefined && isNode(node) ? [node] : [];
  });
  for (const [index, node] of nodes.entries()) node.index = index;
  for (const node of [...nodes].reverse()) {
    const outer = node.feeds.map((feed) => feed.node.retainMs);
    node.retainMs = node.plan.spanMs + Math.max(MARGIN_MS, ...outer);
  }
  return { byType: indexByType(linked.values()), nodes, rules };
}

/** Which listed rule feeds which place: a ratio's aggregates, else the rule's place in the list. */
function* stepsOf({
  rules,
  analytic,
}: CorrelationPlan): Generator<{ inner: string; step: number }> {
  if (analytic?.kind !== "ratio") {
    for (const [step, inner] of rules.entries()) yield { inner, step };
    return;
  }
  for (const [step, aggregate] of analytic.aggregates.entries()) {
    for (const inner of aggregate.rules) yield { inner, step };
  }
}

function newDetection(plan: DetectionPlan, scale: (value: number) => number): Detection {
  return { plan, match: compileExpr(scaleExpr(plan.where, scale)), rule: undefined, feeds: [] };
}

function newNode(plan: CorrelationPlan, scale: (value: number) => number): Node {
  const comparisons = scaleComparisons(plan, scale);
  return {
    plan,
    index: 0,
    comparisons,
    ...temporalNeeds(plan),
    newKeeper: keeperOf(plan.analytic, scale),
    retainMs: 0,
    rule: undefined,
    feeds: [],
    inner: [],
    detections: [],
  };
}

function keeperOf(
  analytic: Analytic | null,
  scale: (value: number) => number,
): (() => Keeper) | undefined {
  if (analytic?.kind === "baseline") return () => createBaseline(analytic, scale);
  if (analytic?.kind === "absence_after" || analytic?.kind === "absence_before") {
    return () => createAbsence(analytic);
  }
  return undefined;
}

function feed(inner: Detection | Node | undefined, outer: Node, step: number): void {
  if (inner === undefined) return;
  inner.feeds.push({ node: outer, step });
  if (isNode(inner)) outer.inner.push(inner);
  else outer.detections.push(inner);
}

function indexByType(linked: Iterable<Detection | Node>): Map<string, Detection[]> {
  const byType = new Map<string, Detection[]>();
  for (const one of linked) {
    if (isNode(one)) continue;
    for (const type of typesMet(one)) {
      const list = byType.get(type);
      if (list === undefined) byType.set(type, [one]);
      else list.push(one);
    }
  }
  return byType;
}

/** Fields that a reader of the evidence wants: what the detections select on and what is counted. */
function shownFields(root: Detection | Node): string[] {
  const fields = new Set<string>();
  const walk = (one: Detection | Node) => {
    if (isNode(one)) {
      for (const field of [...one.plan.groupBy, ...one.plan.fields]) fields.add(field);
      for (const inner of [...one.inner, ...one.detections]) walk(inner);
    } else for (const field of one.plan.fields) fields.add(field);
  };
  walk(root);
  return [...fields].sort();
}

/** Longest way back that a rule's judgement at one instant can see, and forward that one event can be felt. */
export function reachMs(root: Node): number {
  return root.plan.spanMs + Math.max(0, ...root.inner.map(reachMs));
}

/** Every detection below a rule's root. */
export function detectionsBelow(root: Detection | Node): Detection[] {
  if (!isNode(root)) return [root];
  return [...root.detections, ...root.inner.flatMap(detectionsBelow)];
}

/** The event types that a detection can meet. */
export const typesMet = ({ plan }: Detection): readonly EventType[] => plan.eventTypes ?? ALL_TYPES;

/** For each event type that a window counts, how long a window keeps it. */
export function reachByType({ byType }: Compiled): Map<string, number> {
  const reach = new Map<string, number>();
  for (const [type, detections] of byType) {
    const spans = detections.flatMap(({ feeds }) => feeds.map(({ node }) => node.retainMs));
    if (spans.length > 0) reach.set(type, Math.max(...spans));
  }
  return reach;
}
