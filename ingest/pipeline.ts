// The way of an event through the door, step by step. Nothing is acknowledged before it is durable; nothing vanishes.
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { checkEvent } from "../core/check-event.ts";
import type { Event } from "../core/event.ts";
import type { RawEvent } from "../core/event-body.ts";
import type { EventOutcome } from "../core/event-outcome.ts";
import type { Log } from "../core/log.ts";
import type { Secrets } from "../core/settings.ts";
import type { SharedClaims } from "../stores/seen/shared-claims.ts";
import type { SeenEvents } from "../stores/seen-events.ts";
import type { Spool } from "../stores/spool.ts";
import type { Directory } from "./directory.ts";
import type { IngestMetrics } from "./metrics.ts";
import type { Origin } from "./origin.ts";
import { fallbackEventId } from "./sources/api.ts";
import { appendDurable } from "./steps/append-durable.ts";
import { enrichEvent } from "./steps/enrich-event.ts";
import { makeFingerprints } from "./steps/fingerprint-card.ts";
import { maskDraft } from "./steps/mask-card-data.ts";
import { recentFacts } from "./steps/recent-facts.ts";
import { rememberNames } from "./steps/remember-names.ts";
import type { ShopFacts } from "./steps/shop-facts.ts";
import { type Prepared, type Refusal, type TakeTools, takeEvents } from "./steps/take-events.ts";

export type PipelineDeps = {
  spool: Pick<Spool, "append">;
  seen: Pick<SeenEvents, "claim" | "claimSync" | "settle">;
  /** Where several processes take events. */
  shared?: Pick<SharedClaims, "claim" | "settle"> | undefined;
  directory: Pick<Directory, "shop" | "rememberSeen">;
  secrets: Pick<Secrets, "FINGERPRINT_KEY" | "OPERATOR_KEY">;
  now: () => number;
  /** See {@link appendDurable}. */
  stampFrom: number;
  log: Log;
  metrics: IngestMetrics;
  onDurable(merchantId: string, events: Event[]): void;
};

export type Pipeline = {
  /**
   * Takes events in order. Out: one outcome for each, after all that was taken is on disk.
   * Throws SPOOL_UNAVAILABLE (send all again: what was taken comes back as duplicate), STORE_UNAVAILABLE.
   */
  take(events: readonly RawEvent[], origin: Origin): Promise<EventOutcome[]>;
  /** Fills the memory of recent sales from stored events, after a restart. */
  warm(merchantId: string, events: readonly Event[]): void;
  close(): Promise<void>;
};

/** How many events are worked on before others get a turn: about 10 ms. */
const CHUNK = 500;

export function makePipeline(deps: PipelineDeps): Pipeline {
  const { seen, shared, directory, metrics, log, now } = deps;
  const recent = recentFacts();
  const names = rememberNames(directory.rememberSeen, log);
  const prepare = preparation({
    recent,
    names,
    now,
    fingerprintCard: makeFingerprints(deps.secrets),
  });
  const append = appendDurable(deps);
  const tools: TakeTools = { seen, shared, pause, recent, metrics, now, prepare, append };

  return {
    async take(events, origin) {
      const outcomes: EventOutcome[] = [];
      let lines = origin.lines ?? [];
      for (let from = 0; from === 0 || from < events.length; from += CHUNK) {
        if (from > 0) await turn();
        const shop = await directory.shop(origin.merchantId);
        const chunk = { events: events.slice(from, from + CHUNK), lines, shop };
        outcomes.push(...(await takeEvents(chunk, origin, tools)));
        lines = [];
      }
      metrics.outcomes(origin.source, outcomes);
      return outcomes;
    },
    warm(merchantId, events) {
      for (const event of events) recent.remember(merchantId, event);
    },
    close: names.close,
  };
}

type PrepareTools = {
  recent: ReturnType<typeof recentFacts>;
  names: ReturnType<typeof rememberNames>;
  fingerprintCard: ReturnType<typeof makeFingerprints>;
  now: () => number;
};

/** The steps that need no wait, in order: the check cleans text, masking needs clean text, enriching compares keyed cards. */
function preparation({ recent, names, fingerprintCard, now }: PrepareTools): TakeTools["prepare"] {
  return (raw: RawEvent, shop: ShopFacts, origin: Origin): Prepared | Refusal => {
    if ("fault" in raw) return { ok: false, reason: "not_an_object", detail: raw.fault };
    const checked = checkEvent(raw.value, { nowMs: now(), merchantId: origin.merchantId });
    if (!checked.ok) return checked;
    const { draft, notes } = checked;
    const found = maskDraft(draft);
    if (found.some(({ field }) => field === "event_id")) return CARD_AS_ID;
    draft.event_id ??= origin.webhookId && fallbackEventId(origin.webhookId, raw.index);
    fingerprintCard(draft, origin.merchantId, origin.source);
    enrichEvent(draft, shop, recent);
    names.note(draft, shop);
    return { ok: true, draft, notes, found };
  };
}

const CARD_AS_ID: Refusal = {
  ok: false,
  reason: "event_id_invalid",
  detail: "event_id: holds card data",
};
