// Which fields a merchant's events have had lately: what a rule needs and nobody sends can be told.
import type { ClickHouse } from "./connect/clickhouse.ts";
import { EVENT_COLUMNS, NEVER_NULL } from "./event-layout.ts";

const MAPS: readonly string[] = ["numbers", "texts", "attributes"];
const COLUMNS = EVENT_COLUMNS.filter((name) => !MAPS.includes(name) && !NEVER_NULL.has(name));

/** For each type of event that came since `fromTs` (UTC ms): the fields that some such event had. */
export async function presentFields(
  ch: ClickHouse,
  merchantId: string,
  fromTs: number,
): Promise<Map<string, Set<string>>> {
  const own = COLUMNS.map((name, nth) => `max(isNotNull(${name})) AS f${nth}`);
  const rows = await ch.query<Record<string, unknown>>(
    merchantId,
    `SELECT event_type, max(store_id != '') AS store, groupUniqArrayArray(mapKeys(numbers)) AS numbers,
       groupUniqArrayArray(mapKeys(texts)) AS texts, ${own.join(", ")} FROM events
     WHERE merchant_id = {merchant:String} AND ts >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
     GROUP BY event_type`,
    { merchant: merchantId, from: Math.max(0, Math.trunc(fromTs)) },
  );
  return new Map(rows.map((row) => [String(row.event_type), fieldsOf(row)]));
}

function fieldsOf(row: Readonly<Record<string, unknown>>): Set<string> {
  const fields = new Set([...NEVER_NULL, ...(row.numbers as string[]), ...(row.texts as string[])]);
  if (Number(row.store) === 0) fields.delete("store_id");
  for (const [nth, name] of COLUMNS.entries()) if (Number(row[`f${nth}`]) === 1) fields.add(name);
  return fields;
}
