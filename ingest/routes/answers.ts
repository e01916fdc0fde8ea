// The shapes of ingest's answers, for senders and for the documentation.
import { z } from "zod";
import { type EventOutcome, QUARANTINE_REASONS, REJECT_REASONS } from "../../core/event-outcome.ts";

const keys = <K extends string>(table: Record<K, string>) => Object.keys(table) as [K, ...K[]];
const detail = z.string().describe("Names the field and what was expected, never a value.");

const Outcome = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("accepted"),
    event_id: z.string(),
    durability: z
      .enum(["spooled", "stored"])
      .describe("spooled: on disk here; stored: also in the event store"),
    masked: z.array(z.string()).optional().describe("Fields in which card data was masked."),
    notes: z.array(z.string()).optional(),
  }),
  z.object({ outcome: z.literal("duplicate"), event_id: z.string() }),
  z.object({
    outcome: z.literal("quarantined"),
    event_id: z.string().optional(),
    quarantine_id: z.string(),
    reason: z.enum(keys(QUARANTINE_REASONS)),
    detail,
  }),
  z.object({
    outcome: z.literal("rejected"),
    event_id: z.string().optional(),
    reason: z.enum(keys(REJECT_REASONS)),
    detail,
  }),
]);

const number = z.int().min(0);
export const EventsAnswer = z.object({
  accepted: number,
  duplicate: number,
  quarantined: number,
  rejected: number,
  outcomes: z.array(Outcome).describe("One for each event, in the order of the body."),
});
export const DeliveryAnswerBody = EventsAnswer.extend({
  outcome: z.enum(["events", "ignored", "ask", "quarantined", "rejected"]),
  type: z.string().optional(),
});
export const ErrorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export const ERROR_ANSWERS = {
  400: ErrorBody,
  401: ErrorBody,
  403: ErrorBody,
  404: ErrorBody,
  413: ErrorBody,
  415: ErrorBody,
  429: ErrorBody,
  503: ErrorBody,
} as const;

/** The outcomes with their counts. */
export function summed(outcomes: EventOutcome[]) {
  const counts = { accepted: 0, duplicate: 0, quarantined: 0, rejected: 0 };
  for (const { outcome } of outcomes) counts[outcome] += 1;
  return { ...counts, outcomes };
}
