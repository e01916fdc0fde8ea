// What tells the groups of a rule apart.
import type { FieldValue } from "../../../core/event.ts";

/** Text that tells groups apart; undefined when a group field is absent (R9). Also for firings, which carry text only. */
export function groupKey(
  fields: readonly string[],
  read: (field: string) => FieldValue | undefined,
): string | undefined {
  if (fields.length === 1) {
    const value = read(fields[0] ?? "");
    return value === undefined ? undefined : String(value);
  }
  let key = "";
  for (const field of fields) {
    const value = read(field);
    if (value === undefined) return undefined;
    const text = String(value);
    key += `${text.length}:${text}`;
  }
  return key;
}
