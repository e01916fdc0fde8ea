// The tables of event types and fields, from the vocabulary that every part reads.
import {
  DETAILS,
  ENVELOPE,
  EVENT_TYPES,
  type FIELD_SPECS,
  type FieldKind,
  type Sender,
} from "../../core/event-fields.ts";
import { table } from "./markers.ts";

type FieldSpec = typeof FIELD_SPECS extends ReadonlyMap<string, infer S> ? S : never;

const KINDS: Record<FieldKind, string> = {
  s: "text",
  i: "whole number",
  m: "money, minor units",
  b: "true or false",
  t: "time, UTC ms",
  l: "local time",
  ms: "duration, ms",
  bp: "basis points",
  deg: "degrees",
};

const SENDERS: Record<Sender, string> = {
  P: "till",
  C: "POS connector",
  Y: "payment provider",
  A: "sign-in",
  G: "terminal agent",
  N: "ingest",
  V: "the service",
};

function fieldsTable(fields: Record<string, FieldSpec>): string {
  const rows = Object.entries(fields).map(([name, spec]) => [
    `\`${name}\``,
    `${KINDS[spec.kind]}${spec.signed ? ", may be negative" : ""}`,
    spec.fixed ? "Tillwatch only" : spec.by === "ingest" ? "Tillwatch, if absent" : "sender",
    spec.about,
  ]);
  return table(["field", "kind", "set by", "meaning"], rows);
}

export const envelopeTable = () => fieldsTable(ENVELOPE);
export const detailsTable = () => fieldsTable(DETAILS);

export function eventTypesTable(): string {
  const rows = Object.entries(EVENT_TYPES).map(([name, { by, fields }]) => [
    `\`${name}\``,
    by.map((sender) => SENDERS[sender]).join(", "),
    fields.map((field) => `\`${field}\``).join(" "),
  ]);
  return table(["event type", "sent by", "fields beside the common ones"], rows);
}
