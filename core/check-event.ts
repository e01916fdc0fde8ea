// The door's check of one event: hand-written because it runs for every event; `event-schema.ts` is its twin in zod.
import { maskCardData } from "./card-data.ts";
import type { EventDraft, FieldValue } from "./event.ts";
import { EVENT_TYPES, FIELD_SPECS, type FieldKind } from "./event-fields.ts";
import type { QuarantineReason } from "./event-outcome.ts";
import { isCurrency, MAX_AMOUNT_MINOR } from "./money.ts";
import { parseIsoTime } from "./time.ts";

/** Limits of one event. Text in characters, the event in bytes as JSON. */
export const EVENT_LIMITS = {
  text: 512,
  attributeText: 2048,
  name: 64,
  attributes: 50,
  bytes: 65_536,
} as const;
const OLDEST_TS = Date.UTC(2000, 0, 1);
const AHEAD_MS = 24 * 3_600_000;
/** Years that a time field other than ts may name: 1900 to 2299, what the event store can hold. */
const TIME_RANGE = [Date.UTC(1900, 0, 1), Date.UTC(2299, 11, 31)] as const;

export type CheckContext = { nowMs: number; merchantId: string };
export type CheckedEvent =
  | { ok: true; draft: EventDraft; notes: string[] }
  | { ok: false; reason: QuarantineReason; detail: string };

class Refusal {
  readonly reason: QuarantineReason;
  readonly detail: string;
  constructor(reason: QuarantineReason, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

/**
 * Checks one parsed JSON value against the vocabulary.
 * Out: a draft with cleaned text, times as ms, unknown plain fields moved to `attributes`, and notes
 * (`unknown_field:NAME`, `dropped_field:NAME`); or why it is refused. A detail names fields, never values.
 */
export function checkEvent(raw: unknown, context: CheckContext): CheckedEvent {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return { ok: false, reason: "not_an_object", detail: "expected a JSON object" };
  }
  const given = raw as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  const notes: string[] = [];
  const attributes: Record<string, string> = {};
  const refusal =
    checkSize(given) ??
    checkHead(given, context, out) ??
    checkFields(given, { out, notes, attributes }) ??
    checkMoney(out) ??
    checkCount(attributes);
  if (refusal !== undefined) return { ok: false, reason: refusal.reason, detail: refusal.detail };
  if (Object.keys(attributes).length > 0) out.attributes = attributes;
  return { ok: true, draft: out as EventDraft, notes };
}

/** Only a large event is measured exactly; the sum of its texts tells. */
function checkSize(given: Record<string, unknown>): Refusal | undefined {
  let characters = 0;
  for (const name in given) {
    const value = given[name];
    characters += name.length + (typeof value === "string" ? value.length : 32);
    if (typeof value === "object" && value !== null) characters += EVENT_LIMITS.bytes;
  }
  if (characters * 4 <= EVENT_LIMITS.bytes) return undefined;
  if (Buffer.byteLength(JSON.stringify(given)) <= EVENT_LIMITS.bytes) return undefined;
  return new Refusal("event_too_large", `the event: at most ${EVENT_LIMITS.bytes} bytes`);
}

const EVENT_ID = /^[A-Za-z0-9_.:-]{1,64}$/;

function checkHead(
  given: Record<string, unknown>,
  context: CheckContext,
  out: Record<string, unknown>,
): Refusal | undefined {
  const { event_type, event_id, merchant_id, ts } = given;
  if (event_type === undefined || event_type === "")
    return new Refusal("event_type_missing", "event_type: expected an event type");
  if (typeof event_type !== "string" || !Object.hasOwn(EVENT_TYPES, event_type))
    return new Refusal(
      "unknown_event_type",
      "event_type: expected an event type of docs/events.md",
    );
  out.event_type = event_type;
  if (event_id !== undefined && event_id !== "") {
    if (typeof event_id !== "string" || !EVENT_ID.test(event_id))
      return new Refusal("event_id_invalid", "event_id: expected 1 to 64 of A-Z a-z 0-9 _ . : -");
    out.event_id = event_id;
  }
  if (merchant_id !== undefined && merchant_id !== context.merchantId)
    return new Refusal("wrong_merchant", "merchant_id: expected the key's own merchant, or none");
  return checkTs(ts, context, out);
}

function checkTs(
  ts: unknown,
  context: CheckContext,
  out: Record<string, unknown>,
): Refusal | undefined {
  if (ts === undefined) return new Refusal("ts_missing", "ts: expected when it happened");
  const ms = toTime(ts);
  if (ms === undefined)
    return new Refusal(
      "ts_invalid",
      "ts: expected whole UTC milliseconds, or ISO 8601 with a zone",
    );
  if (ms < OLDEST_TS || ms > context.nowMs + AHEAD_MS)
    return new Refusal("time_out_of_range", "ts: expected from 2000 to 24 hours ahead");
  out.ts = ms;
  return undefined;
}

function toTime(value: unknown): number | undefined {
  if (typeof value === "string") return parseIsoTime(value);
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

const HEAD = new Set(["event_type", "event_id", "merchant_id", "ts"]);

type Into = { out: Record<string, unknown>; notes: string[]; attributes: Record<string, string> };

function checkFields(given: Record<string, unknown>, into: Into): Refusal | undefined {
  for (const name in given) {
    if (HEAD.has(name)) continue;
    const value = given[name];
    const refusal =
      name === "attributes" ? takeAttributes(value, into) : takeField(name, value, into);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function takeField(name: string, value: unknown, into: Into): Refusal | undefined {
  if (value === null) return new Refusal("null_value", `${shown(name)}: leave an absent field out`);
  if (typeof value === "object")
    return new Refusal("array_or_object", `${shown(name)}: expected a plain value`);
  const spec = FIELD_SPECS.get(name);
  if (spec === undefined) {
    into.notes.push(`unknown_field:${shown(name)}`);
    return takeAttribute(name, value as FieldValue, into);
  }
  if (spec.fixed === true) {
    into.notes.push(`dropped_field:${name}`);
    return undefined;
  }
  const taken = TAKE[spec.kind](value as FieldValue, name, spec.signed === true);
  if (taken instanceof Refusal) return taken;
  if (taken !== undefined) into.out[name] = taken;
  return undefined;
}

function takeAttributes(value: unknown, into: Into): Refusal | undefined {
  if (value === null) return new Refusal("null_value", "attributes: leave an absent field out");
  if (typeof value !== "object" || Array.isArray(value))
    return new Refusal("field_invalid", "attributes: expected an object of plain values");
  for (const [name, inner] of Object.entries(value)) {
    const label = `attributes.${shown(name)}`;
    if (inner === null) return new Refusal("null_value", `${label}: leave an absent field out`);
    if (typeof inner === "object")
      return new Refusal("array_or_object", `${label}: expected a plain value`);
    const refusal = takeAttribute(name, inner as FieldValue, into);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function takeAttribute(name: string, value: FieldValue, into: Into): Refusal | undefined {
  if (name.length > EVENT_LIMITS.name)
    return new Refusal("field_too_long", `a field's name: at most ${EVENT_LIMITS.name} characters`);
  const text = cleanText(String(value));
  if (text.length > EVENT_LIMITS.attributeText)
    return new Refusal(
      "field_too_long",
      `${shown(name)}: at most ${EVENT_LIMITS.attributeText} characters`,
    );
  // An own property of this name would be no property at all.
  if (name !== "__proto__") into.attributes[cleanText(name)] = text;
  return undefined;
}

function checkMoney(out: Record<string, unknown>): Refusal | undefined {
  const currency = out.currency;
  if (currency !== undefined) {
    if (isCurrency(currency as string)) return undefined;
    return new Refusal("currency_unknown", "currency: expected an ISO 4217 code in upper case");
  }
  for (const name in out) {
    if (FIELD_SPECS.get(name)?.kind === "m")
      return new Refusal("currency_missing", `${name}: expected currency beside it`);
  }
  return undefined;
}

function checkCount(attributes: Record<string, string>): Refusal | undefined {
  if (Object.keys(attributes).length <= EVENT_LIMITS.attributes) return undefined;
  return new Refusal("too_many_attributes", `unknown fields: at most ${EVENT_LIMITS.attributes}`);
}

type Taken = FieldValue | Refusal | undefined;
const invalid = (name: string, expected: string) =>
  new Refusal("field_invalid", `${name}: expected ${expected}`);

/** One taker per kind: the value to store, a refusal, or undefined to leave the field out. */
const TAKE: Record<FieldKind, (value: FieldValue, name: string, signed: boolean) => Taken> = {
  s(value, name) {
    if (typeof value !== "string") return invalid(name, "a text");
    const text = name === "ip" ? plainAddress(cleanText(value)) : cleanText(value);
    if (text.length > EVENT_LIMITS.text)
      return new Refusal("field_too_long", `${name}: at most ${EVENT_LIMITS.text} characters`);
    return text === "" && isKey(name) ? undefined : text;
  },
  i: takeWhole,
  ms: takeWhole,
  bp: takeWhole,
  m(value, name, signed) {
    if (typeof value !== "number") return invalid(name, "a whole number of minor units");
    if (!Number.isInteger(value))
      return new Refusal("amount_not_integer", `${name}: expected a whole number of minor units`);
    if (Math.abs(value) > MAX_AMOUNT_MINOR || (value < 0 && !signed))
      return new Refusal("amount_out_of_range", `${name}: expected 0 to 10^12`);
    return value === 0 ? 0 : value;
  },
  b: (value, name) => (typeof value === "boolean" ? value : invalid(name, "true or false")),
  t(value, name) {
    const ms = toTime(value);
    if (ms === undefined || ms < TIME_RANGE[0] || ms > TIME_RANGE[1])
      return invalid(name, "whole UTC milliseconds, or ISO 8601 with a zone");
    return ms;
  },
  l(value, name) {
    const wall = typeof value === "string" ? WALL_CLOCK.exec(value) : null;
    if (wall === null || Number.isNaN(Date.parse(`${wall[1]}T${wall[2]}Z`)))
      return invalid(name, "a local time such as 2026-11-25T10:00:00.000");
    return `${wall[1]}T${wall[2]}:${wall[3] ?? "00"}.${(wall[4] ?? "").padEnd(3, "0")}`;
  },
  deg(value, name) {
    const fits = typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= 180;
    return fits ? value : invalid(name, "degrees from -180 to 180");
  },
};

const WALL_CLOCK = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/;

function takeWhole(value: FieldValue, name: string, signed: boolean): Taken {
  const fits = Number.isSafeInteger(value) && ((value as number) >= 0 || signed);
  if (!fits) return invalid(name, signed ? "a whole number" : "a whole number from 0");
  return value === 0 ? 0 : value;
}

/** Fields by which events are grouped: an empty one would group what does not belong together, so it is left out (R29). */
function isKey(name: string): boolean {
  return /_(?:id|token|hash)$|^(?:ip|bin|last4|sku|business_day|business_month)$/.test(name);
}

/** An IPv4 address inside IPv6 becomes IPv4, so that one address is one text (R30). */
function plainAddress(text: string): string {
  return text.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** Text that every store takes: no control characters but tab and line ends, no halves of characters. */
export function cleanText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return CONTROL.test(whole) ? whole.replaceAll(CONTROLS, "") : whole;
}

/** A sender's field name in words for him: short and without card data. */
function shown(name: string): string {
  return maskCardData(cleanText(name.slice(0, EVENT_LIMITS.name))).text;
}
