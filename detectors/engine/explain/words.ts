// What a leaf wants, in words; and a tree of truths as lines of text.
import type { GlobPart, Test } from "../plan.ts";
import type { RuleWhy, Truth } from "./why.ts";

const COMPARES = { lt: "below", lte: "at most", gt: "above", gte: "at least" } as const;

/** Such as `is "declined"`, `at least 5`, `is there`. */
export function wantedWords(test: Test): string {
  switch (test.op) {
    case "is":
      return `is ${JSON.stringify(test.value)}${casedWords(test)}`;
    case "like":
      return `fits ${JSON.stringify(globText(test.glob))}${casedWords(test)}`;
    case "null":
      return "is absent";
    case "exists":
      return test.present ? "is there" : "is absent";
    case "compare":
      return `is ${COMPARES[test.compare]} ${test.value}`;
    case "re":
      return `matches /${test.source}/${test.flags}`;
    case "cidr":
      return `is an address in ${test.range}`;
    case "field":
      return `${fieldWords(test.how)} the field ${test.other}`;
    case "part":
      return `has a ${test.part} ${test.compare === "is" ? "of" : COMPARES[test.compare]} ${test.value}`;
    case "list":
      return `is on the list ${test.list}`;
  }
}

const casedWords = ({ cased }: { cased: boolean }) => (cased ? " (case matters)" : "");

const globText = (glob: readonly GlobPart[]) =>
  glob.map((part) => (typeof part === "string" ? part : part.wild)).join("");

function fieldWords(how: (Test & { op: "field" })["how"]): string {
  if (how === "is") return "equals";
  if (how === "contains" || how === "startswith" || how === "endswith") {
    return { contains: "contains", startswith: "starts with", endswith: "ends with" }[how];
  }
  return `is ${COMPARES[how]}`;
}

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
