// One duty to tell somebody in time, as a row of law as data. A row without source, date and confidence does not load.
import { z } from "zod";
import { Span } from "./due.ts";
import { LocalDate } from "./local-date.ts";

const START_EVENTS = [
  "suspected",
  "noticed",
  "aware",
  "discovered",
  "determined",
  "told",
  "acquirer_aware",
  "high_risk",
  "material",
  "pfi_engaged",
  "review_end",
  "residents_told",
] as const;

export const ClockRow = z.strictObject({
  id: z.string().regex(/^[A-Z0-9-]{2,30}$/),
  told: z.string().min(1),
  start_event: z.enum(START_EVENTS),
  /** Where the source gives a number. `calendar`: an id of calendars/, or `weekdays`. The zone is that of the merchant or the person asked for. */
  deadline: Span.extend({ calendar: z.string().optional() }).optional(),
  /** Where the source says "without delay": our own goal, shown as ours. */
  our_target: Span.optional(),
  says: z.string().min(1),
  threshold: z.string().min(1),
  notice: z.string().min(1),
  /** May law enforcement ask to wait? Rows that say no or unknown are never paused. */
  hold: z.enum(["yes", "no", "unknown"]),
  source: z.array(z.string().min(1)).min(1),
  as_of: LocalDate,
  /** True until a person has compared the row with its source: it is shown as unchecked, and still arms its clock. */
  unchecked: z.boolean(),
  confidence: z.enum(["A", "A-", "B", "C"]),
  rule_version: z.int().min(1),
});
export type ClockRow = z.infer<typeof ClockRow>;

export const ClockFile = z.strictObject({
  title: z.string().min(1),
  sources: z.record(z.string(), z.string().min(1)),
  rows: z.array(ClockRow).min(1),
});
export type ClockFile = z.infer<typeof ClockFile>;
