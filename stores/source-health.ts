// What came by a merchant's connections lately, and what of it waits in quarantine.
import type { ClickHouse } from "./connect/clickhouse.ts";

/** `minutes`: the starts (UTC ms) of the five-minute spans of the last week in which something came, in order. */
export type SourceTraffic = {
  source_id: string;
  last_delivery_at: number;
  deliveries_24h: number;
  minutes: number[];
};

const WEEK_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;

/** `testKey` is the delivery key of our own tests, which do not count. */
export async function sourceTraffic(
  ch: ClickHouse,
  merchantId: string,
  { nowMs, testKey }: { nowMs: number; testKey: string },
): Promise<SourceTraffic[]> {
  return ch.query<SourceTraffic>(
    merchantId,
    `SELECT connection_id AS source_id, toUnixTimestamp64Milli(max(d.received_ts)) AS last_delivery_at,
       countIf(d.received_ts >= fromUnixTimestamp64Milli({day:Int64}, 'UTC')) AS deliveries_24h,
       arraySort(groupUniqArray(toUnixTimestamp(toStartOfFiveMinutes(d.received_ts)) * 1000)) AS minutes
     FROM deliveries AS d
     WHERE merchant_id = {merchant:String} AND delivery_key != {test:String}
       AND d.received_ts >= fromUnixTimestamp64Milli({week:Int64}, 'UTC')
     GROUP BY connection_id`,
    { merchant: merchantId, test: testKey, day: nowMs - DAY_MS, week: nowMs - WEEK_MS },
  );
}

/** The same of events in our own format, which name no connection: all that the API took. */
export async function apiTraffic(
  ch: ClickHouse,
  merchantId: string,
  nowMs: number,
): Promise<Omit<SourceTraffic, "source_id"> | undefined> {
  const [row] = await ch.query<Omit<SourceTraffic, "source_id"> & { count: number }>(
    merchantId,
    `SELECT count() AS count, toUnixTimestamp64Milli(max(e.received_ts)) AS last_delivery_at,
       countIf(e.received_ts >= fromUnixTimestamp64Milli({day:Int64}, 'UTC')) AS deliveries_24h,
       arraySort(groupUniqArray(toUnixTimestamp(toStartOfFiveMinutes(e.received_ts)) * 1000)) AS minutes
     FROM events AS e
     WHERE merchant_id = {merchant:String} AND source = 'api'
       AND e.received_ts >= fromUnixTimestamp64Milli({week:Int64}, 'UTC')`,
    { merchant: merchantId, day: nowMs - DAY_MS, week: nowMs - WEEK_MS },
  );
  return row === undefined || Number(row.count) === 0 ? undefined : row;
}

/** How many rows of each connection wait in quarantine. */
export async function quarantinedBySource(
  ch: ClickHouse,
  merchantId: string,
): Promise<Map<string, number>> {
  const rows = await ch.query<{ source_id: string; count: number }>(
    merchantId,
    `SELECT connection_id AS source_id, count() AS count FROM quarantine FINAL
     WHERE merchant_id = {merchant:String} AND state = 'waiting' GROUP BY connection_id`,
    { merchant: merchantId },
  );
  return new Map(rows.map(({ source_id, count }) => [source_id, Number(count)]));
}

/** The newest body of each of Clover's connections that holds the code with which an address is verified. */
export async function setupBodies(
  ch: ClickHouse,
  merchantId: string,
): Promise<{ source_id: string; body: string }[]> {
  return ch.query<{ source_id: string; body: string }>(
    merchantId,
    `SELECT connection_id AS source_id, argMax(d.body, d.received_ts) AS body FROM deliveries AS d
     WHERE merchant_id = {merchant:String} AND kind = 'clover' AND position(d.body, 'verificationCode') > 0
     GROUP BY connection_id`,
    { merchant: merchantId },
  );
}
