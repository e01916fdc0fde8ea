// Reads the boolean condition of a temporal correlation: `failed and not signed_out`.
import { type BoolExpr, holdsWhen, namesOf } from "../plan.ts";
import { type Condition, parseCondition } from "./condition.ts";
import { didYouMean } from "./fault.ts";
import { type Source, textOf } from "./yaml-source.ts";

/** The condition over the rules listed, or undefined after a fault. */
export function parseWhen(
  source: Source,
  node: unknown,
  { type, rules }: { type: "temporal" | "temporal_ordered"; rules: readonly string[] },
): BoolExpr | undefined {
  const parsed = parseCondition(textOf(source, node, "condition"));
  if (!parsed.ok) {
    source.fault(node, parsed.message);
    return undefined;
  }
  const when = toBool(parsed.condition);
  if (when === undefined) {
    source.fault(node, `"1 of" and "all of" do not belong here; name the rules.`);
    return undefined;
  }
  const { all, positive } = namesOf(when);
  const unknown = [...all].find((name) => !rules.includes(name));
  const unused = rules.find((name) => !all.has(name));
  if (unknown !== undefined) {
    source.fault(node, `"${unknown}" is not among the rules.${didYouMean(unknown, rules)}`);
  } else if (unused !== undefined) {
    source.fault(node, `The condition never names "${unused}", which is listed in rules.`);
  } else if (holdsWhen(when, () => false)) {
    source.fault(
      node,
      "This condition also holds when nothing happened; use absence_after for that.",
    );
  } else if (type === "temporal_ordered" && !isPlainAnd(when)) {
    source.fault(node, "temporal_ordered takes names and negated names joined by and.");
  } else if (type === "temporal_ordered" && positive.size === 0) {
    source.fault(node, "temporal_ordered needs a rule that is not negated.");
  } else return when;
  return undefined;
}

function toBool(condition: Condition): BoolExpr | undefined {
  if (condition.kind === "name") return { kind: "rule", name: condition.name };
  if (condition.kind === "of") return undefined;
  if (condition.kind === "not") {
    const of = toBool(condition.of);
    return of === undefined ? undefined : { kind: "not", of };
  }
  const of = condition.of.map(toBool);
  const known = of.filter((part) => part !== undefined);
  return known.length === of.length ? { kind: condition.kind, of: known } : undefined;
}

function isPlainAnd(when: BoolExpr): boolean {
  if (when.kind === "rule") return true;
  if (when.kind === "not") return when.of.kind === "rule";
  return when.kind === "and" && when.of.every(isPlainAnd);
}
