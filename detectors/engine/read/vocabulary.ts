// Which fields a rule may name and what they hold: our own vocabulary, or any field of any taxonomy.
import { FIELD_SPECS, type FieldKind } from "../../../core/event-fields.ts";
import { STANDARD_LISTS } from "../plan.ts";

/** `any`: nothing is known of the field, so every test may be tried on it. */
export type ValueKind = FieldKind | "any";

/** `kindOf`: undefined for a name that no event has. `lists`: what `|expand` may name. */
export type Vocabulary = {
  taxonomy: "tillwatch" | "any";
  kindOf(field: string): ValueKind | undefined;
  fields(): Iterable<string>;
  lists: ReadonlySet<string>;
};

/** Known only to us or only after the fact: two runs over the same events would differ. */
export const UNREADABLE: readonly string[] = ["received_ts", "is_late", "merchant_id", "event_id"];

/** The fields of `core/event-fields.ts`. */
export const ourVocabulary = (
  lists: ReadonlySet<string> = new Set(STANDARD_LISTS),
): Vocabulary => ({
  taxonomy: "tillwatch",
  kindOf: (field) => FIELD_SPECS.get(field)?.kind,
  fields: () => FIELD_SPECS.keys(),
  lists,
});

/** Sigma rules of anybody, over anybody's events. */
export const anyVocabulary = (lists: ReadonlySet<string> = new Set()): Vocabulary => ({
  taxonomy: "any",
  kindOf: () => "any",
  fields: () => [],
  lists,
});
