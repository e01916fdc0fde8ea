// Providers' deliveries as they came, scrubbed: kept 30 days, so that they can be translated again after a fix.
import type { ClickHouse } from "./connect/clickhouse.ts";

/** `headers` and `body` are scrubbed of card data, keys and signatures by whoever stores them. */
export type StoredDelivery = {
  merchant_id: string;
  received_ts: number;
  delivery_id: string;
  connection_id: string;
  kind: string;
  /** The provider's name for it, "" when there is none. */
  delivery_key: string;
  headers: Record<string, string>;
  body: string;
};

export const DELIVERY_COLUMNS = [
  "merchant_id",
  "received_ts",
  "delivery_id",
  "connection_id",
  "kind",
  "delivery_key",
  "headers",
  "body",
] as const satisfies readonly (keyof StoredDelivery)[];

/** One line for the spool. */
export function encodeDelivery(delivery: StoredDelivery): string {
  const { headers } = delivery;
  return JSON.stringify([
    delivery.merchant_id,
    delivery.received_ts,
    delivery.delivery_id,
    delivery.connection_id,
    delivery.kind,
    delivery.delivery_key.toWellFormed(),
    Object.fromEntries(Object.entries(headers).map(([name, of]) => [name, of.toWellFormed()])),
    delivery.body.toWellFormed(),
  ]);
}

/** A merchant's deliveries, newest first; `limit` at most 1000. */
export function listDeliveries(
  ch: ClickHouse,
  merchantId: string,
  { limit }: { limit: number },
): Promise<StoredDelivery[]> {
  return ch.query<StoredDelivery>(
    merchantId,
    `SELECT merchant_id, toUnixTimestamp64Milli(d.received_ts) AS received_ts, delivery_id, connection_id, kind,
            delivery_key, headers, body
     FROM deliveries AS d WHERE merchant_id = {merchant:String}
     ORDER BY d.received_ts DESC, delivery_id DESC LIMIT {limit:UInt32}`,
    { merchant: merchantId, limit: Math.min(1000, limit) },
  );
}
