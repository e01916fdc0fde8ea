// Which merchants' events a file of the spool holds, and from when until when.
import { EVENT_COLUMNS } from "../event-columns.ts";
import type { Stretch } from "../unjudged.ts";

const MERCHANT_AT = EVENT_COLUMNS.indexOf("merchant_id");
const TS_AT = EVENT_COLUMNS.indexOf("ts");
/** The head of an encoded event: merchant, store, time. A whole parse of each line costs ten times as much. */
const HEAD = /^\["([^"\\]*)","(?:[^"\\]|\\.)*",(\d+)[,\]]/;

/** Events further apart are two stretches: what lies between them need not be judged again. */
const APART_MS = 3_600_000;

/** In: lines of encoded events. A line that is none is left out: ClickHouse has refused it too. */
export function stretchesOf(content: string): Stretch[] {
  const places = content.split("\n").flatMap((line) => placeOf(line) ?? []);
  const stretches: Stretch[] = [];
  for (const [merchant_id, own] of Map.groupBy(places, (place) => place.merchant_id)) {
    let open: Stretch | undefined;
    for (const ts of own.map((place) => place.ts).sort((a, b) => a - b)) {
      if (open !== undefined && ts - open.to_ts <= APART_MS) {
        open.to_ts = ts;
        continue;
      }
      open = { merchant_id, from_ts: ts, to_ts: ts };
      stretches.push(open);
    }
  }
  return stretches;
}

function placeOf(line: string): { merchant_id: string; ts: number } | undefined {
  if (line === "") return undefined;
  const head = HEAD.exec(line);
  if (head !== null) return { merchant_id: head[1] ?? "", ts: Number(head[2]) };
  try {
    const row = JSON.parse(line) as unknown[];
    const merchant = row[MERCHANT_AT];
    const ts = row[TS_AT];
    if (typeof merchant !== "string" || !Number.isSafeInteger(ts)) return undefined;
    return { merchant_id: merchant, ts: ts as number };
  } catch {
    return undefined;
  }
}
