// Fills the sentences of an alert: `{field}` is a value, `[…]` is left out when a value in it is absent.
import type { Event } from "../../../core/event.ts";
import { fieldOf } from "../../../core/event.ts";
import { FIELD_SPECS } from "../../../core/event-fields.ts";
import { formatMoney, isCurrency } from "../../../core/money.ts";
import { didYouMean } from "../read/fault.ts";

/** Values that a template may name beside the event's own fields. */
const OWN = ["value", "threshold", "usual", "below", "count", "money"];

/** What is wrong with a template, or undefined. */
export function templateFault(text: string): string | undefined {
  for (const [, name = ""] of text.matchAll(/\{([^{}]*)\}/g)) {
    if (!OWN.includes(name) && !FIELD_SPECS.has(name)) {
      return `"{${name}}" is no field.${didYouMean(name, [...OWN, ...FIELD_SPECS.keys()])}`;
    }
  }
  const depth = [...text].reduce(
    (open, char) =>
      open < 0 || open > 1 ? open : open + (char === "[" ? 1 : char === "]" ? -1 : 0),
    0,
  );
  return depth === 0 ? undefined : "brackets do not pair, or are nested.";
}

export type Values = {
  /** Ready-made texts for {@link OWN}; absent ones are undefined. */
  own: Readonly<Record<string, string | undefined>>;
  /** The newest event. */
  event: Event;
  group: Readonly<Record<string, string>>;
};

/** The sentence, filled. A value that is absent outside brackets reads "unknown". */
export function fillTemplate(text: string, values: Values): string {
  return text
    .replace(/\[([^\]]*)\]/g, (_, part: string) => {
      const names = [...part.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
      return names.every((name) => show(name, values) !== undefined) ? part : "";
    })
    .replace(/\{([^{}]*)\}/g, (_, name: string) => show(name, values) ?? "unknown");
}

function show(name: string, { own, event, group }: Values): string | undefined {
  if (name in own) return own[name];
  const value = fieldOf(event, name);
  if (value === undefined) return group[name];
  return showField(name, value, event.currency);
}

/** A field's value as a person reads it: money with its currency, spans in words, shares in percent. */
export function showField(
  name: string,
  value: string | number | boolean,
  currency: string | undefined,
): string {
  const kind = FIELD_SPECS.get(name)?.kind;
  if (typeof value !== "number") return String(value).slice(0, 200);
  if (kind === "m" && currency !== undefined && isCurrency(currency)) {
    return formatMoney(value, currency);
  }
  if (kind === "ms") return showSpan(value);
  if (kind === "bp") return `${value / 100} %`;
  if (kind === "t") return new Date(value).toISOString();
  return String(value);
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1000, "second"],
];

/** A duration in the largest unit that it fills once, whole: `7 minutes`. */
function showSpan(ms: number): string {
  for (const [size, word] of UNITS) {
    if (ms >= size) {
      const count = Math.floor(ms / size);
      return `${count} ${word}${count === 1 ? "" : "s"}`;
    }
  }
  return `${ms} ms`;
}
