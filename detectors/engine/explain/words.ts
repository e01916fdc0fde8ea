// A tree of truths as lines, and what would have kept a finding silent as sentences.
import type { ExplainedLeaf } from "../../../core/explanation.ts";
import type { Counterfactual } from "./counterfactual.ts";
import type { RuleWhy, Truth } from "./why.ts";

/** One line a detection, leaf and group field, nested as the condition is. */
export function whyLeaves(why: RuleWhy): ExplainedLeaf[] {
  const detections = why.detections.flatMap(({ name, holds, routed, truth }) => {
    const head = { depth: 0, holds, text: routed === null ? name : `${name} (${routed})` };
    return routed === null ? [head, ...truthLeaves(truth, 1)] : [head];
  });
  const groups = Object.entries(why.group).map(([field, value]) =>
    value === null
      ? {
          depth: 0,
          holds: false,
          text: `group field ${field} is absent: the event belongs to no group`,
        }
      : { depth: 0, holds: true, text: `group ${field} = ${value}` },
  );
  return [...detections, ...groups];
}

/** The same as text, indented. */
export function whyText(why: RuleWhy): string {
  const lines = whyLeaves(why).map(
    ({ depth, holds, text }) => `${"  ".repeat(depth + 1)}${holds ? "yes" : "no "} ${text}`,
  );
  return [
    `${why.rule}: ${why.holds ? "the event counts" : "the event does not count"}`,
    ...lines,
  ].join("\n");
}

function truthLeaves(truth: Truth, depth: number): ExplainedLeaf[] {
  const { holds } = truth;
  if (truth.kind === "leaf") {
    const seen = truth.seen === null ? "absent" : JSON.stringify(truth.seen);
    return [{ depth, holds, text: `${truth.field} ${truth.wanted} (seen: ${seen})` }];
  }
  if (truth.kind === "keyword") return [{ depth, holds, text: `any text ${truth.wanted}` }];
  const text = { and: "all of", or: "any of", not: "not" }[truth.kind];
  return [{ depth, holds, text }, ...truth.of.flatMap((part) => truthLeaves(part, depth + 1))];
}

/** Sentences; empty when no change was found. */
export function changeSentences(of: Counterfactual): string[] {
  const sentences: string[] = [];
  if (of.fewer !== null) {
    const them = of.fewer === 1 ? "the oldest event" : `the oldest ${of.fewer} events`;
    sentences.push(`Silent without ${them}.`);
  }
  if (of.laterMs !== null) {
    sentences.push(`Silent if the newest had come ${spanWords(of.laterMs)} later.`);
  }
  if (of.bound !== null) sentences.push(`Silent at a threshold of ${of.bound}.`);
  return sentences;
}

function spanWords(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(3).replace(/\.?0+$/, "")} s`;
  return ms < 7_200_000
    ? `${Math.ceil(ms / 60_000)} minutes`
    : `${Math.ceil(ms / 3_600_000)} hours`;
}
