// Masks card data in every field of a draft. Before anything is stored, and after the check: the check cleans text first.
import { isCardNumber } from "../../core/card-brands.ts";
import { type CardDataKind, isSecurityCode } from "../../core/card-codes.ts";
import { maskCardData } from "../../core/card-data.ts";
import { isArticleNumber } from "../../core/card-look-alikes.ts";
import type { EventDraft } from "../../core/event.ts";
import { FIELD_SPECS } from "../../core/event-fields.ts";
import type { FoundInField } from "./scrub-delivery.ts";

/** Fields whose strict form the check has seen: no card number fits in. */
const STRICT = new Set(["event_type", "currency", "ts_local", "merchant_id"]);
const NONE: FoundInField[] = [];

/** Changes the draft in place. Out: what was found, by field. */
export function maskDraft(draft: EventDraft): FoundInField[] {
  let found = NONE;
  const add = (field: string, kinds: readonly CardDataKind[]) => {
    if (found === NONE) found = [];
    for (const kind of kinds) found.push({ field, kind });
  };
  const fields = draft as unknown as Record<string, unknown>;
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === "string") {
      if (value.length < 3 || STRICT.has(name)) continue;
      const scan = maskCardData(value);
      if (scan.found.length === 0 || isArticleNumber(name, value)) continue;
      fields[name] = scan.text;
      add(name, scan.found);
    } else if (typeof value === "number" && value >= 1e12 && isCountedAsCard(name, value)) {
      delete fields[name];
      add(name, ["pan"]);
    }
  }
  if (draft.attributes !== undefined) draft.attributes = maskAttributes(draft.attributes, add);
  return found;
}

/** A whole number of 13 digits and more that passes for a card; times and amounts cannot, by their range. */
function isCountedAsCard(name: string, value: number): boolean {
  const kind = FIELD_SPECS.get(name)?.kind;
  return kind !== "t" && kind !== "deg" && isCardNumber(String(value));
}

function maskAttributes(
  attributes: Record<string, string>,
  add: (field: string, kinds: readonly CardDataKind[]) => void,
): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const key = maskCardData(name);
    if (key.found.length > 0) add("attributes", key.found);
    if (isSecurityCode(name, value)) {
      out[key.text] = "*".repeat(value.trim().length);
      add(key.text, ["cvv"]);
      continue;
    }
    const scan = maskCardData(value);
    const isCard = scan.found.length > 0 && !isArticleNumber(name, value);
    if (isCard) add(key.text, scan.found);
    out[key.text] = isCard ? scan.text : value;
  }
  return out;
}
