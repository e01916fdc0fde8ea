// How much a merchant's sources have sent lately: the answer to "do you see my shop at all?".
import type { ClickHouse } from "./connect/clickhouse.ts";

/** `last_ts`: when the newest event happened, UTC ms; null when there is none in the last day. */
export type EventCounts = { hour: number; day: number; last_ts: number | null };

/** Counts events by when they happened, up to `now`. */
export async function countEvents(
  ch: Pick<ClickHouse, "query">,
  merchantId: string,
  now: number,
): Promise<EventCounts> {
  const [row] = await ch.query<{ hour: string; day: string; last: string }>(
    merchantId,
    `SELECT countIf(ts > fromUnixTimestamp64Milli({hour:Int64}, 'UTC')) AS hour, count() AS day,
       toUnixTimestamp64Milli(max(ts)) AS last
     FROM events
     WHERE merchant_id = {merchant:String}
       AND ts > fromUnixTimestamp64Milli({day:Int64}, 'UTC')
       AND ts <= fromUnixTimestamp64Milli({now:Int64}, 'UTC')`,
    { merchant: merchantId, hour: now - 3_600_000, day: now - 86_400_000, now },
  );
  const day = Number(row?.day ?? 0);
  return { hour: Number(row?.hour ?? 0), day, last_ts: day === 0 ? null : Number(row?.last ?? 0) };
}
