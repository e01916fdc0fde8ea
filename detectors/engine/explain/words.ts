// A tree of truths as lines of text.
import type { RuleWhy, Truth } from "./why.ts";

const sign = (holds: boolean) => (holds ? "yes" : "no ");

/** One line a detection and leaf, indented as the condition nests. */
export function whyText(why: RuleWhy): string {
  const lines = [`${why.rule}: ${why.holds ? "the event counts" : "the event does not count"}`];
  for (const { name, holds, routed, truth } of why.detections) {
    lines.push(`  ${sign(holds)} ${name}${routed === null ? "" : ` (${routed})`}`);
    if (routed === null) lines.push(...truthLines(truth, "    "));
  }
  for (const [field, value] of Object.entries(why.group)) {
    lines.push(
      value === null
        ? `  no  group field ${field} is absent: the event belongs to no group`
        : `  group ${field} = ${value}`,
    );
  }
  return lines.join("\n");
}

function truthLines(truth: Truth, indent: string): string[] {
  if (truth.kind === "leaf") {
    const seen = truth.seen === null ? "absent" : JSON.stringify(truth.seen);
    return [`${indent}${sign(truth.holds)} ${truth.field} ${truth.wanted} (seen: ${seen})`];
  }
  if (truth.kind === "keyword") {
    return [`${indent}${sign(truth.holds)} any text ${truth.wanted}`];
  }
  const words = { and: "all of", or: "any of", not: "not" }[truth.kind];
  return [
    `${indent}${sign(truth.holds)} ${words}`,
    ...truth.of.flatMap((part) => truthLines(part, `${indent}  `)),
  ];
}
