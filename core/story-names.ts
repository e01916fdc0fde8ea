// Puts the merchant's own names where events and rules know ids only.
import type { Alert } from "./alert.ts";
import { fill } from "./fill.ts";
import { plainText } from "./plain-text.ts";
import { actNoun, storyWords } from "./story-words.ts";
import { subjectParts } from "./subject.ts";

/** What the merchant calls things. `zone` and `language` are the merchant's; a store may have its own zone. */
export type Names = {
  merchant: string;
  zone: string;
  language: string;
  stores: ReadonlyMap<string, { name: string; zone: string }>;
  terminals: ReadonlyMap<string, string>;
  /** Whole names by cashier id; only first names are told. */
  staff: ReadonlyMap<string, string>;
};

/** Longest name that is told. */
export const NAME = 40;

export function tillName(id: string, names: Names, short: boolean): string | null {
  const known = names.terminals.get(id);
  if (known !== undefined && known !== id) return plainText(known, NAME);
  const numbered = /(?:^|[-_ ])(?:till|terminal|pos|reader|t)[-_ ]?0*(\d{1,3})$/i.exec(id);
  const words = storyWords(names.language);
  if (numbered !== null) return fill(words.till, { n: numbered[1] ?? "" });
  return short ? null : fill(words.namelessTill, { id: plainText(id, NAME) });
}

export function personName(id: string, names: Names): string {
  const known = names.staff.get(id);
  if (known === undefined || known === id) {
    return fill(storyWords(names.language).namelessPerson, { id: plainText(id, 24) });
  }
  return plainText(plainText(known, 200).split(" ")[0] ?? known, 24);
}

/** Names that only machines read: hashes and long random ids. A reader is better off without. */
export function isMachineName(id: string): boolean {
  return /^[0-9a-f]{24,}$/i.test(id);
}

/** A rule's explanation as a person says it: names for ids, a plain clock time, words for event types. */
export function readable(text: string, alert: Alert, names: Names): string {
  const words = storyWords(names.language);
  return withNames(text, alert, names)
    .replace(/\b(?:the )?till (?=Till \d)/g, "")
    .replace(/\b(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d{1,3})?)?\b/g, "$1, $2")
    .replace(
      /\(([a-z]+(?:_[a-z]+)+)\)/g,
      (_whole, type: string) => `(${actNoun(type, {}, words)[0]})`,
    );
}

/** Advice may name what it is about: `{terminal_id}`, `{cashier_id}`, or a field of the evidence. What is unknown is left out. */
export function fillAdvice(text: string, alert: Alert, names: Names): string {
  return text
    .replace(/ ?\{(\w+)\}/g, (whole, field: string) => {
      const value = placeholderValue(field, alert, names);
      return value === null ? "" : `${whole.startsWith(" ") ? " " : ""}${value}`;
    })
    .replace(/\b(?:the )?till (?=Till \d)/g, "");
}

function placeholderValue(field: string, alert: Alert, names: Names): string | null {
  if (field === "cashier_id") {
    return alert.cashier_id === null ? null : personName(alert.cashier_id, names);
  }
  if (field === "terminal_id") {
    return alert.terminal_id === null
      ? null
      : (tillName(alert.terminal_id, names, true) ?? plainText(alert.terminal_id, NAME));
  }
  if (field === "store_id" && alert.store_id !== null) {
    return plainText(names.stores.get(alert.store_id)?.name ?? alert.store_id, NAME);
  }
  const seen = alert.evidence.at(-1)?.fields[field];
  if (seen !== undefined) return plainText(seen, NAME);
  const { type, id } = subjectParts(alert.subject);
  return type === field.replace(/_id$/, "") ? plainText(id, NAME) : null;
}

/** Rules know ids only; a reader knows names. */
function withNames(text: string, alert: Alert, names: Names): string {
  const { cashier_id, terminal_id, store_id } = alert;
  let told = text;
  if (cashier_id !== null && names.staff.has(cashier_id)) {
    told = replaceWord(told, cashier_id, personName(cashier_id, names));
  }
  if (terminal_id !== null) {
    told = replaceWord(told, terminal_id, tillName(terminal_id, names, true) ?? terminal_id);
  }
  const store = store_id === null ? undefined : names.stores.get(store_id)?.name;
  return store_id === null || store === undefined
    ? told
    : replaceWord(told, store_id, plainText(store, NAME));
}

/** Whole words only: the id `7` is not part of `17 refunds`, and a number alone is no id to look for. */
function replaceWord(text: string, word: string, by: string): string {
  if (/^\d*$/.test(word)) return text;
  return text.replace(
    new RegExp(`(?<![\\w-])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`, "g"),
    () => by,
  );
}
