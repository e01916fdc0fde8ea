// What a rule may say but should not: a negation that an absent field makes true (R12).
import type { Expr } from "../plan.ts";

/** Fields below a `not` or neq that may be absent there: nothing beside it asks for their presence. Sorted, each once. */
export function unguardedFields(where: Expr): string[] {
  return [...new Set(unguarded(where, ["event_type"]))].sort();
}

function unguarded(expr: Expr, present: readonly string[]): string[] {
  switch (expr.kind) {
    case "not":
      return fieldsOf(expr.of).filter((field) => !present.includes(field));
    case "and": {
      const all = [...present, ...expr.of.flatMap(fieldsPresent)];
      return expr.of.flatMap((part) => unguarded(part, all));
    }
    case "or":
      return expr.of.flatMap((part) => unguarded(part, present));
    default:
      return [];
  }
}

/** Fields whose absence the expression would make matter. To ask whether a field is there needs no guard. */
function fieldsOf(expr: Expr): string[] {
  if (expr.kind === "keyword") return [];
  if (expr.kind === "not") return fieldsOf(expr.of);
  if (expr.kind !== "leaf") return expr.of.flatMap(fieldsOf);
  const { field, test } = expr;
  if (test.op === "exists" || test.op === "null") return [];
  return test.op === "field" ? [field, test.other] : [field];
}

/** Fields that are there whenever the expression is true. */
function fieldsPresent(expr: Expr): string[] {
  switch (expr.kind) {
    case "leaf": {
      const { field, test } = expr;
      if (test.op === "null") return [];
      if (test.op === "exists") return test.present ? [field] : [];
      return test.op === "field" ? [field, test.other] : [field];
    }
    case "not":
      return expr.of.kind === "leaf" && expr.of.test.op === "null" ? [expr.of.field] : [];
    case "and":
      return expr.of.flatMap(fieldsPresent);
    case "or": {
      const [first = [], ...rest] = expr.of.map(fieldsPresent);
      return first.filter((field) => rest.every((fields) => fields.includes(field)));
    }
    case "keyword":
      return [];
  }
}
