// What a delivery puts on disk: its facts as events, reports of card data that was in it, and its own scrubbed line.
import type { Delivery, Translation } from "../../core/delivery.ts";
import type { RawEvent } from "../../core/event-body.ts";
import { contentId, newId } from "../../core/ids.ts";
import type { SourceConnection } from "../../core/merchant.ts";
import { encodeDelivery } from "../../stores/deliveries.ts";
import type { SpoolLine } from "../../stores/spool.ts";
import { cardDataFound } from "./report-card-data.ts";
import type { ScrubbedDelivery } from "./scrub-delivery.ts";

/** `wasAsked`: it came as an answer from the provider's own API. */
export type Way = {
  delivery: Delivery;
  connection: SourceConnection;
  scrubbed: ScrubbedDelivery;
  translation: Translation;
  wasAsked: boolean;
};

/** The id follows from the fact, so that a webhook, its retry and a later poll give one event. */
export function factEvents(
  { connection, translation }: Way,
  facts: readonly { fact_key: string; draft: object }[],
): RawEvent[] {
  const { merchant_id: merchantId, kind, mode } = connection;
  return facts.map(({ fact_key, draft }, index) => {
    const noted = mode === "any" && translation.live === false ? { test_mode: "true" } : {};
    const attributes = { ...(draft as { attributes?: object }).attributes, ...noted };
    const value = { ...draft, event_id: contentId(merchantId, kind, fact_key) };
    return { index, value: Object.keys(attributes).length > 0 ? { ...value, attributes } : value };
  });
}

export function cardReports({ connection, scrubbed, translation }: Way, nowMs: number): RawEvent[] {
  const of = {
    event_id: `${connection.id}:${translation.delivery_key}`,
    event_type: `${connection.kind} delivery`,
    ts: nowMs,
  };
  return cardDataFound(of, scrubbed.found, connection.merchant_id).map((value, index) => ({
    index,
    value,
  }));
}

/** Headers that tell versions; keys and signatures are not among them. */
const KEPT_HEADERS = ["content-type", "user-agent", "square-version", "stripe-version"];

export function rawLine(
  { delivery, connection, scrubbed, translation }: Way,
  nowMs: number,
): SpoolLine {
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = delivery.headers[name];
    if (value !== undefined) headers[name] = value.slice(0, 200);
  }
  const line = encodeDelivery({
    merchant_id: connection.merchant_id,
    received_ts: nowMs,
    delivery_id: newId("del", nowMs),
    connection_id: connection.id,
    kind: connection.kind,
    delivery_key: translation.delivery_key.slice(0, 200),
    headers,
    body: scrubbed.body,
  });
  return { kind: "delivery", line };
}
