// What a leaf wants, in words.
import type { GlobPart, Test } from "../plan.ts";

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
