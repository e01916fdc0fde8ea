// Who or what a finding is about: `card:…`, `cashier:…`, `terminal:…`.

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

/** Text of the form `type:id`. The id is the sender's own name for it and may hold any text, also colons. */
export type Subject = `${SubjectType}:${string}`;

export function subject(type: SubjectType, id: string): Subject {
  return `${type}:${id}`;
}

export function subjectParts(of: Subject): { type: SubjectType; id: string } {
  const cut = of.indexOf(":");
  return { type: of.slice(0, cut) as SubjectType, id: of.slice(cut + 1) };
}
