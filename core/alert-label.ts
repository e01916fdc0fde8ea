// What is known of an alert and since when: a person's verdicts, and what providers reported of its payments.
import type { Label } from "./alert.ts";

/** `verdict`: a person's. The others are a provider's word about a payment: money taken back, an early fraud warning. */
export const LABEL_KINDS = ["verdict", "chargeback", "warning"] as const;
export type LabelKind = (typeof LABEL_KINDS)[number];

export type AlertLabel = {
  /** Grows; later rows of a person outweigh earlier ones. */
  seq: number;
  kind: LabelKind;
  /** The person as the audit log names them, or `provider:stripe`. */
  actor: string;
  /** Null: the person took the verdict back. */
  label: Label | null;
  /** When we learnt it, UTC ms. */
  known_at: number;
  /** The event that brought a provider's word; null for a person's. */
  event_id: string | null;
  /** The payment or card that the provider spoke of; null for a person's. */
  about: string | null;
  reason_code: string | null;
};

export type NewAlertLabel = Omit<AlertLabel, "seq">;

/** A label that counts, and when it became known. */
export type StandingLabel = { label: Label; known_at: number; by: "person" | "provider" };

/**
 * What counted at `asOf` (UTC ms): the person's newest verdict; where no person had judged, the providers' word, of
 * which fraud outweighs the rest. What became known later counts for nothing.
 */
export function standingLabel(labels: readonly AlertLabel[], asOf: number): StandingLabel | null {
  const known = labels.filter(({ known_at }) => known_at <= asOf).sort((a, b) => a.seq - b.seq);
  const verdict = known.findLast(({ kind }) => kind === "verdict");
  if (verdict !== undefined && verdict.label !== null) {
    return { label: verdict.label, known_at: verdict.known_at, by: "person" };
  }
  const words = known
    .filter(({ kind }) => kind !== "verdict")
    .sort((a, b) => a.known_at - b.known_at);
  const told = words.find(({ label }) => label === "fraud") ?? words[0];
  if (told === undefined || told.label === null) return null;
  return { label: told.label, known_at: told.known_at, by: "provider" };
}
