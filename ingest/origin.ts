// Whose events a batch holds and by which way it came: the door says so, never the body.
import type { SpoolLine } from "../stores/spool.ts";

/** `webhookId` names events that bring no id. */
export type Origin = {
  merchantId: string;
  source: string;
  connectionId?: string;
  webhookId?: string;
  /** Lines that go to disk together with the events (the raw delivery). */
  lines?: readonly SpoolLine[];
};
