// What an event must hold for an expression to be true at all: the literals by which the rule index finds candidates.
import type { Expr, GlobPart, Test } from "../plan.ts";
import { regexLiterals } from "./regex-literals.ts";

/**
 * A sign that an expression may be true. `field` undefined: in any text (keywords). `text` is in lower case; `present`:
 * the field is there. An index may over-report: what it reports is judged again.
 */
export type Needle = {
  field: string | undefined;
  how: "is" | "start" | "end" | "in" | "present";
  text: string;
};

/** How often each needle occurs among the rules, by `needleKey`: what many rules ask for, many events have. */
export type Popularity = ReadonlyMap<string, number>;

export const needleKey = ({ field, how, text }: Needle) => `${how}\0${field ?? ""}\0${text}`;

/** Needles of which a matching event has at least one; undefined when no such set is known. */
export function needlesOf(expr: Expr, popularity: Popularity): readonly Needle[] | undefined {
  switch (expr.kind) {
    case "leaf":
      return needlesOfTest(expr.field, expr.test);
    case "keyword":
      return needlesOfGlob(undefined, expr.glob);
    case "not":
      return undefined;
    case "or":
      return eachOf(expr.of, popularity);
    case "and":
      return bestOf(expr.of, popularity);
  }
}

/** Every alternative must be findable, else the whole is not. */
function eachOf(of: readonly Expr[], popularity: Popularity): readonly Needle[] | undefined {
  const all: Needle[] = [];
  for (const part of of) {
    const needles = needlesOf(part, popularity);
    if (needles === undefined) return undefined;
    for (const needle of needles) all.push(needle);
  }
  return all;
}

/** The set that events have most seldom. */
function bestOf(of: readonly Expr[], popularity: Popularity): readonly Needle[] | undefined {
  let best: readonly Needle[] | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const part of of) {
    const needles = needlesOf(part, popularity);
    const cost = needles === undefined ? least : costOf(needles, popularity);
    if (cost >= least) continue;
    least = cost;
    best = needles;
  }
  return best;
}

/** Every needle that an expression could be found by, to count how popular each is. */
export function* everyNeedle(expr: Expr): Generator<Needle> {
  if (expr.kind === "leaf") yield* needlesOfTest(expr.field, expr.test) ?? [];
  else if (expr.kind === "keyword") yield* needlesOfGlob(undefined, expr.glob) ?? [];
  else if (expr.kind !== "not") for (const part of expr.of) yield* everyNeedle(part);
}

/** A guess at how often an event has one of them: short and popular texts are common, a mere presence most of all. */
function costOf(needles: readonly Needle[], popularity: Popularity): number {
  let cost = 0;
  for (const needle of needles) {
    const uses = popularity.get(needleKey(needle)) ?? 1;
    cost += needle.how === "present" ? 1000 : (1 + uses) * 0.8 ** needle.text.length;
  }
  return cost;
}

function needlesOfTest(field: string, test: Test): readonly Needle[] | undefined {
  switch (test.op) {
    case "is":
      return [{ field, how: "is", text: String(test.value).toLowerCase() }];
    case "like":
      return needlesOfGlob(field, test.glob);
    case "re": {
      const literals = regexLiterals(test.source);
      if (literals === undefined || literals.includes("")) break;
      return literals.map((text) => ({ field, how: "in", text }));
    }
    case "null":
      return undefined;
    case "exists":
      return test.present ? [{ field, how: "present", text: "" }] : undefined;
    default:
  }
  return [{ field, how: "present", text: "" }];
}

/** The longest literal of a pattern, and where it stands. */
function needlesOfGlob(
  field: string | undefined,
  glob: readonly GlobPart[],
): readonly Needle[] | undefined {
  let longest = -1;
  let text = "";
  for (const [i, part] of glob.entries()) {
    if (typeof part !== "string" || part.length <= text.length) continue;
    longest = i;
    text = part;
  }
  if (longest < 0) return field === undefined ? undefined : [{ field, how: "present", text: "" }];
  const [first, last] = [longest === 0, longest === glob.length - 1];
  const how = first && last ? "is" : first ? "start" : last ? "end" : "in";
  return [{ field, how, text: text.toLowerCase() }];
}
