// Reads `aliases:` of a correlation: one name for what its rules call differently.
import { FIELD_SPECS } from "../../../core/event-fields.ts";
import { didYouMean } from "./fault.ts";
import { entriesOf, type Source, textOf } from "./yaml-source.ts";

/** alias → rule → field. Every alias names every rule (R22). */
export function parseAliases(
  source: Source,
  node: unknown,
  rules: readonly string[],
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const aliases = new Map<string, ReadonlyMap<string, string>>();
  if (node === undefined) return aliases;
  for (const { key, keyNode, value } of entriesOf(source, node, "aliases")) {
    if (FIELD_SPECS.has(key)) {
      source.fault(keyNode, `The alias "${key}" is also a field; choose another name.`);
    }
    const fields = new Map<string, string>();
    for (const entry of entriesOf(source, value, `aliases.${key}`)) {
      if (!rules.includes(entry.key)) {
        const hint = didYouMean(entry.key, rules);
        source.fault(entry.keyNode, `"${entry.key}" is not among the rules listed.${hint}`);
      }
      fields.set(entry.key, textOf(source, entry.value, "A field of an alias"));
    }
    const missing = rules.find((rule) => !fields.has(rule));
    if (missing !== undefined) {
      source.fault(value, `The alias "${key}" must name every rule; "${missing}" is missing.`);
    }
    aliases.set(key, fields);
  }
  return aliases;
}
