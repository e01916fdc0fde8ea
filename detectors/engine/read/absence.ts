// Reads absence_after and absence_before: what is waited for, by which key, for how long.
import { FIELD_SPECS } from "../../../core/event-fields.ts";
import type { Absence, CorrelationPlan } from "../plan.ts";
import { parseTimespan } from "./correlation.ts";
import { didYouMean } from "./fault.ts";
import { entriesOf, type Source, textOf, textsOf, wordOf } from "./yaml-source.ts";

type Keys = ReadonlyMap<string, unknown>;
type Read = Pick<CorrelationPlan, "rules" | "spanMs" | "comparisons" | "fields" | "aliases"> & {
  analytic: Absence;
};

const MAX_HISTORY_MS = 90 * 86_400_000;

export function readAbsenceAfter(source: Source, keys: Keys): Read {
  const after = textsOf(source, keys.get("after"), "after");
  const expect = textsOf(source, keys.get("expect"), "expect");
  const withinMs = parseTimespan(source, keys.get("within"), true);
  // Heartbeats of a thing that is silent altogether are told by the service itself, as control_failed and device_silent.
  if (keys.has("clock")) wordOf(source, keys.get("clock"), ["source"], "clock");
  return {
    ...{ rules: [...after, ...expect], spanMs: withinMs, comparisons: [], fields: [] },
    aliases: new Map(),
    analytic: { kind: "absence_after", ons: after.length, withinMs },
  };
}

/** `group-by` is what `match` names on the left. */
export function readAbsenceBefore(source: Source, keys: Keys, groupBy: string[]): Read {
  const on = textsOf(source, keys.get("on"), "on");
  const expect = textsOf(source, keys.get("expect"), "expect");
  const historyMs = parseTimespan(source, keys.get("history"), true, MAX_HISTORY_MS);
  const graceMs = keys.has("grace")
    ? parseTimespan(source, keys.get("grace"), true, MAX_HISTORY_MS)
    : 0;
  const aliases = new Map<string, Map<string, string>>();
  for (const { key, value } of entriesOf(source, keys.get("match"), "match")) {
    groupBy.push(key);
    const other = textOf(source, value, `match.${key}`);
    for (const field of [key, other]) {
      if (FIELD_SPECS.has(field)) continue;
      const hint = didYouMean(field, FIELD_SPECS.keys());
      source.fault(value, `There is no field "${field}".${hint}`);
    }
    if (other === key) continue;
    aliases.set(
      key,
      new Map([
        ...on.map((rule) => [rule, key] as const),
        ...expect.map((rule) => [rule, other] as const),
      ]),
    );
  }
  return {
    ...{ rules: [...on, ...expect], spanMs: historyMs + graceMs, comparisons: [], fields: [] },
    aliases,
    analytic: { kind: "absence_before", ons: on.length, historyMs, graceMs },
  };
}
