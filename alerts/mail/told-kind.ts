// What a mail or message is about, from the kind in its ledger, which also names the level or step that it is told of.

export type ToldKind = "opened" | "escalated" | "withdrawn" | "unanswered";

/** `escalated_high` and `unanswered_2` are kinds of their own in the ledger, so that each is told once. */
export function toldKind(kind: string): ToldKind {
  if (kind === "opened" || kind === "withdrawn") return kind;
  return kind.startsWith("unanswered_") ? "unanswered" : "escalated";
}
