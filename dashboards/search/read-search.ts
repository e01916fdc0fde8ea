// Reads what a request asks to find: the search line, the span, the place in the list. Pure.
import { AppError } from "../../core/errors.ts";
import { parseSearch, type SearchTerm } from "../../core/search-query.ts";
import { parseIsoTime } from "../../core/time.ts";
import type { EventPlace, TimeSpan } from "../../stores/event-search.ts";

const DAY_MS = 86_400_000;

/** UTC ms of `1700000000000` or ISO 8601 with a zone. Throws REQUEST_INVALID. */
function readTime(name: string, text: string): number {
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : parseIsoTime(text);
  if (ms !== undefined) return ms;
  throw new AppError(
    "REQUEST_INVALID",
    `${name} must be UTC milliseconds or ISO 8601 with a zone.`,
  );
}

/** From included, to not. Without `to`: now; without `from`: `days` before it. */
export function readSpan(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  now: number,
  days = 1,
): TimeSpan {
  const toTs = to === undefined ? now + 1 : readTime("to", to);
  const fromTs = from === undefined ? toTs - days * DAY_MS : readTime("from", from);
  if (fromTs < toTs) return { fromTs, toTs };
  throw new AppError("REQUEST_INVALID", "from must be earlier than to.");
}

export const readTerms = (q: string | undefined): SearchTerm[] => parseSearch(q ?? "");

export function writePlace(place: EventPlace): string {
  return Buffer.from(`${place.ts}.${place.eventId}`).toString("base64url");
}

export function readPlace(cursor: string): EventPlace {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  const match = /^(-?\d{1,15})\.([A-Za-z0-9_.:-]{1,64})$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new AppError("REQUEST_INVALID", "The cursor is not one of ours.");
  }
  return { ts: Number(match[1]), eventId: match[2] };
}
