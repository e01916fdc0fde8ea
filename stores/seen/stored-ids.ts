// What ClickHouse knows of event ids: the newest ones for the memory, newest first, and single old ones when asked.
import type { ClickHouse } from "../connect/clickhouse.ts";
import { slicesOf } from "../events.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Questions that come within this time share one query. */
const GATHER_MS = 3;
const MOST_IDS = 1000;

export type StoredId = [merchantId: string, eventId: string, ts: number];
/** Ids with `ts` from `from` on (until the batch before). */
export type IdBatch = { from: number; ids: AsyncIterable<StoredId[]>; rows: number };

/** All stored ids, newest stretch of time first. */
export async function* storedIds(ch: ClickHouse): AsyncGenerator<IdBatch> {
  const hours = await ch.query<{ hour: number; n: number }>(
    "*",
    `SELECT intDiv(toUnixTimestamp64Milli(ts), ${HOUR_MS}) AS hour, count() AS n FROM events GROUP BY hour ORDER BY hour DESC`,
  );
  const rowsOf = new Map(hours.map(({ hour, n }) => [hour, n]));
  for (const { from, to } of slicesOf([...hours].reverse()).reverse()) {
    let rows = 0;
    for (let hour = from / HOUR_MS; hour * HOUR_MS <= to; hour += 1) rows += rowsOf.get(hour) ?? 0;
    const ids = ch.stream<StoredId>(
      "*",
      `SELECT merchant_id, event_id, toUnixTimestamp64Milli(ts) FROM events
       WHERE ts BETWEEN fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND fromUnixTimestamp64Milli({to:Int64}, 'UTC')`,
      { from, to },
      "arrays",
    );
    yield { from, ids, rows };
  }
}

type Question = {
  eventId: string;
  ts: number;
  answer(known: boolean): void;
  failed(error: unknown): void;
};
export type Ask = (
  merchantId: string,
  eventId: string,
  ts: number,
  storeId?: string,
) => Promise<boolean>;

/**
 * Asks whether an old event is stored: by merchant, store, a day around its time, and id, so that few granules are read.
 * Questions of one merchant, store and day go together.
 */
export function makeAsk(ch: ClickHouse): Ask {
  let gathered = new Map<string, { merchantId: string; storeId?: string; questions: Question[] }>();
  let due = false;

  function send(): void {
    due = false;
    const groups = gathered;
    gathered = new Map();
    for (const { merchantId, storeId, questions } of groups.values()) {
      for (let at = 0; at < questions.length; at += MOST_IDS) {
        void askTogether(ch, merchantId, storeId, questions.slice(at, at + MOST_IDS));
      }
    }
  }
  return (merchantId, eventId, ts, storeId) =>
    new Promise((answer, failed) => {
      const key = JSON.stringify([merchantId, storeId ?? null, Math.floor(ts / DAY_MS)]);
      const group = gathered.get(key) ?? {
        merchantId,
        ...(storeId === undefined ? {} : { storeId }),
        questions: [],
      };
      gathered.set(key, group);
      group.questions.push({ eventId, ts, answer, failed });
      if (!due) setTimeout(send, GATHER_MS);
      due = true;
    });
}

async function askTogether(
  ch: ClickHouse,
  merchantId: string,
  storeId: string | undefined,
  questions: readonly Question[],
): Promise<void> {
  const times = questions.map(({ ts }) => ts);
  try {
    const rows = await ch.query<{ event_id: string }>(
      merchantId,
      `SELECT event_id FROM events
       WHERE merchant_id = {merchant:String} ${storeId === undefined ? "" : "AND store_id = {store:String}"}
         AND ts BETWEEN fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND fromUnixTimestamp64Milli({to:Int64}, 'UTC')
         AND event_id IN {ids:Array(String)}`,
      {
        merchant: merchantId,
        ...(storeId === undefined ? {} : { store: storeId }),
        from: Math.min(...times) - DAY_MS,
        to: Math.max(...times) + DAY_MS,
        ids: questions.map(({ eventId }) => eventId),
      },
    );
    const known = new Set(rows.map((row) => row.event_id));
    for (const question of questions) question.answer(known.has(question.eventId));
  } catch (error) {
    for (const question of questions) question.failed(error);
  }
}
