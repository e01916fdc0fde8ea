// What a mail or message is about, from the kind in its ledger, which also names the level, step or instant that it is told of.

export type ToldKind = "opened" | "escalated" | "woke" | "withdrawn" | "unanswered";

/** `escalated_high`, `woke_1764072000000` and `unanswered_2` are kinds of their own in the ledger, so that each is told once. */
export function toldKind(kind: string): ToldKind {
  if (kind === "opened" || kind === "withdrawn") return kind;
  if (kind.startsWith("woke_")) return "woke";
  return kind.startsWith("unanswered_") ? "unanswered" : "escalated";
}
