// The event as a zod schema built from the vocabulary: it documents what the door takes; `check-event.ts` is its fast twin.
import { z } from "zod";
import { type CheckContext, EVENT_LIMITS } from "./check-event.ts";
import { EVENT_TYPES, FIELD_SPECS, type FieldKind } from "./event-fields.ts";
import { isCurrency, MAX_AMOUNT_MINOR } from "./money.ts";
import { parseIsoTime } from "./time.ts";

const whole = (signed: boolean) => (signed ? z.int() : z.int().min(0));
const time = (from: number, to: number) =>
  z.union([z.int(), z.string()]).refine((value) => {
    const ms = typeof value === "string" ? parseIsoTime(value) : value;
    return ms !== undefined && ms >= from && ms <= to;
  });
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/;
const length = (text: string) => text.replaceAll(/[^\P{Cc}\t\n\r\u0080-\u009f]/gu, "").length;

const KINDS: Record<FieldKind, (signed: boolean) => z.ZodType> = {
  s: () => z.string().refine((text) => length(text) <= EVENT_LIMITS.text),
  i: whole,
  ms: whole,
  bp: whole,
  m: (signed) =>
    z
      .int()
      .min(signed ? -MAX_AMOUNT_MINOR : 0)
      .max(MAX_AMOUNT_MINOR),
  b: () => z.boolean(),
  t: () => time(Date.UTC(1900, 0, 1), Date.UTC(2299, 11, 31)),
  l: () =>
    z
      .string()
      .regex(LOCAL)
      .refine((text) => !Number.isNaN(Date.parse(`${text.slice(0, 16)}Z`))),
  deg: () => z.number().min(-180).max(180),
};

const Scalar = z.union([
  z.string().refine((text) => length(text) <= EVENT_LIMITS.attributeText),
  z.number(),
  z.boolean(),
]);
const Name = z.string().max(EVENT_LIMITS.name);

/** The shape of one event as a sender writes it; unknown plain fields become attributes. */
export function eventSchema(context: CheckContext): z.ZodType {
  const fields: Record<string, z.ZodType> = {};
  for (const [name, { kind, about, signed, fixed }] of FIELD_SPECS) {
    const value =
      fixed === true
        ? z.union([z.string(), z.number(), z.boolean()])
        : KINDS[kind](signed === true);
    fields[name] = value.optional().describe(about);
  }
  return z
    .object({
      ...fields,
      event_type: z.enum(Object.keys(EVENT_TYPES) as [string, ...string[]]),
      event_id: z.union([z.literal(""), z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/)]).optional(),
      merchant_id: z.literal(context.merchantId).optional(),
      ts: time(Date.UTC(2000, 0, 1), context.nowMs + 24 * 3_600_000),
      currency: z.string().optional(),
      attributes: z.record(Name, Scalar).optional(),
    })
    .catchall(Scalar)
    .superRefine((event, issues) => {
      for (const message of crossFaults(event)) issues.addIssue({ code: "custom", message });
    });
}

/** What no single field can tell. */
function crossFaults(event: Record<string, unknown>): string[] {
  const faults: string[] = [];
  const unknown = Object.keys(event).filter((n) => n !== "attributes" && !FIELD_SPECS.has(n));
  if (unknown.some((name) => name.length > EVENT_LIMITS.name)) faults.push("field_too_long");
  const names = new Set([...unknown, ...Object.keys((event.attributes as object) ?? {})]);
  if (names.size > EVENT_LIMITS.attributes) faults.push("too_many_attributes");
  if (Buffer.byteLength(JSON.stringify(event)) > EVENT_LIMITS.bytes) faults.push("event_too_large");
  const isMoney = (name: string) => FIELD_SPECS.get(name)?.kind === "m";
  if (typeof event.currency === "string" && !isCurrency(event.currency))
    faults.push("currency_unknown");
  if (event.currency === undefined && Object.keys(event).some(isMoney))
    faults.push("currency_missing");
  return faults;
}
