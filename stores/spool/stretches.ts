// Which merchants' events a file of the spool holds, and from when until when.
import { EVENT_COLUMNS } from "../event-columns.ts";
import type { Stretch } from "../unjudged.ts";

const MERCHANT_AT = EVENT_COLUMNS.indexOf("merchant_id");
const TS_AT = EVENT_COLUMNS.indexOf("ts");
/** The head of an encoded event: merchant, store, time. A whole parse of each line costs ten times as much. */
const HEAD = /^\["([^"\\]*)","(?:[^"\\]|\\.)*",(\d+)[,\]]/;

/** In: lines of encoded events. A line that is none is left out: ClickHouse has refused it too. */
export function stretchesOf(content: string): Stretch[] {
  const found = new Map<string, Stretch>();
  for (const line of content.split("\n")) {
    const place = placeOf(line);
    if (place === undefined) continue;
    const known = found.get(place.merchant_id);
    if (known === undefined) {
      found.set(place.merchant_id, { ...place, to_ts: place.from_ts });
      continue;
    }
    known.from_ts = Math.min(known.from_ts, place.from_ts);
    known.to_ts = Math.max(known.to_ts, place.from_ts);
  }
  return [...found.values()];
}

function placeOf(line: string): Pick<Stretch, "merchant_id" | "from_ts"> | undefined {
  if (line === "") return undefined;
  const head = HEAD.exec(line);
  if (head !== null) return { merchant_id: head[1] ?? "", from_ts: Number(head[2]) };
  try {
    const row = JSON.parse(line) as unknown[];
    const merchant = row[MERCHANT_AT];
    const ts = row[TS_AT];
    if (typeof merchant !== "string" || !Number.isSafeInteger(ts)) return undefined;
    return { merchant_id: merchant, from_ts: ts as number };
  } catch {
    return undefined;
  }
}
