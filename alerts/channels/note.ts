// What a message says, whatever way it goes: plain lines and facts, without markup. Each channel makes its own form of it.
import { z } from "zod";
import type { Alert } from "../../core/alert.ts";
import { LEVELS } from "../../core/level.ts";
import { defang, plainText } from "../../core/plain-text.ts";
import type { AlertMailView } from "../mail/alert-mail-view.ts";

export const NOTE_KINDS = [
  "opened",
  "escalated",
  "woke",
  "withdrawn",
  "unanswered",
  "test",
] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

/** Facts for a machine that reads the message. Ids, never card data. */
const AlertFacts = z.object({
  id: z.string(),
  merchant_id: z.string(),
  detection: z.string(),
  rule: z.string(),
  state: z.string(),
  title: z.string(),
  amount: z.int().nullable(),
  currency: z.string().nullable(),
  store_id: z.string().nullable(),
  terminal_id: z.string().nullable(),
  cashier_id: z.string().nullable(),
  first_ts: z.int(),
  last_ts: z.int(),
  finding_count: z.int(),
  event_count: z.int(),
});

/** Kept with the message's row, so that a later try says the same. */
export const Note = z.object({
  kind: z.enum(NOTE_KINDS),
  /** When the message became due, UTC ms. */
  at: z.int(),
  level: z.enum(LEVELS),
  /** `[High] 5 refunds in 10 min, Till 2, Soho (€412)` */
  subject: z.string(),
  greeting: z.string(),
  sentence: z.string(),
  why: z.array(z.string()),
  do_now: z.array(z.string()),
  button: z.string(),
  link: z.string(),
  alert: AlertFacts.nullable(),
});
export type Note = z.infer<typeof Note>;

/** In: the same view of an alert that its mail shows. */
export function noteOf(
  view: AlertMailView,
  alert: Alert,
  of: { kind: NoteKind; at: number },
): Note {
  const { id, merchant_id, detection, rule, state, amount, currency } = alert;
  const { first_ts, last_ts, finding_count, event_count } = alert;
  // Ids as they are, for whoever matches them; but a stranger's text all the same.
  const ids = (text: string | null) => (text === null ? null : plainText(text, 200));
  return {
    ...of,
    level: alert.level,
    subject: view.subject,
    greeting: view.greeting,
    sentence: view.story.sentence,
    why: view.story.why,
    do_now: view.story.doNow,
    button: view.words.button,
    link: view.link,
    alert: {
      ...{ id, merchant_id, detection, rule, state, amount, currency },
      title: defang(plainText(alert.title, 90)),
      store_id: ids(alert.store_id),
      terminal_id: ids(alert.terminal_id),
      cashier_id: ids(alert.cashier_id),
      ...{ first_ts, last_ts, finding_count, event_count },
    },
  };
}

/** What `channel test` sends. */
export function testNote(merchant: string, publicUrl: string, at: number): Note {
  return {
    kind: "test",
    at,
    level: "informational",
    subject: "[Test] Tillwatch can reach you here",
    greeting: `A test for ${merchant}. Nothing happened.`,
    sentence: "Alerts that are routed to this channel will look like this.",
    why: [],
    do_now: ["Nothing."],
    button: "Open Tillwatch",
    link: publicUrl,
    alert: null,
  };
}
