// Who or what a finding is about: `card:…`, `cashier:…`, `terminal:…`.
import type { FieldName } from "./event-fields.ts";

export const SUBJECT_TYPES = [
  "card",
  "cashier",
  "terminal",
  "store",
  "merchant",
  "account",
  "device",
  "customer",
  "bin",
  "gift_card",
] as const;
export type SubjectType = (typeof SUBJECT_TYPES)[number];

/** The fields of an event that name a subject of each type. */
export const SUBJECT_FIELDS = {
  card: ["card_token"],
  cashier: ["cashier_id"],
  terminal: ["terminal_id"],
  store: ["store_id"],
  merchant: ["merchant_id"],
  account: ["account_id", "login_hash"],
  device: ["device_id", "ip"],
  customer: ["customer_id"],
  bin: ["bin"],
  gift_card: ["gift_card_id"],
} as const satisfies Record<SubjectType, readonly FieldName[]>;

/** Text of the form `type:id`. The id is the sender's own name for it and may hold any text, also colons. */
export type Subject = `${SubjectType}:${string}`;

export function subject(type: SubjectType, id: string): Subject {
  return `${type}:${id}`;
}

export function subjectParts(of: Subject): { type: SubjectType; id: string } {
  const cut = of.indexOf(":");
  return { type: of.slice(0, cut) as SubjectType, id: of.slice(cut + 1) };
}
