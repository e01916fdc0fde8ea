// How SumUp is asked: the history of transactions by the time of their last change, and the checkout that a webhook named.
import type { Answered, Asked, Asker, Asking, Question } from "../../../core/asking.ts";
import type { Translation } from "../../../core/delivery.ts";
import { type JsonReader, needed, readJson, ShapeFault } from "../../../core/json-reader.ts";
import { checkoutFacts, transactionFacts } from "./transaction.ts";

/** Sources: https://developer.sumup.com/api/transactions, https://developer.sumup.com/api/checkouts */
export const sumUpAsking: Asking = {
  hosts: ["api.sumup.com"],
  token: "an API key (developer settings, API keys) that may read transactions and checkouts",
  headers: (token) => ({ authorization: `Bearer ${token}` }),
  polls: [{ what: "transactions", everyMs: 60_000, ask: askHistory, read: readHistory }],
  object(type, id) {
    if (type !== "checkout") return undefined;
    return {
      ask: () => ({ path: `/v0.1/checkouts/${encodeURIComponent(id)}` }),
      read: (answer) => readCheckout(answer, id),
    };
  },
  translate,
};

/** Before a connection was made: a day, so that its first hours are not blind. */
const BEFORE_MS = 86_400_000;
/** A change may be listed a little after its time. */
const OVERLAP_MS = 300_000;
const PAGE = "100";
const MOST_PAGES = 5000;

/** `since`: changes from then on are read. `page`: the provider's own query for the next page. `began`: the next `since`. */
type Place = { since: number; began: number; pages: number; page: string };

function placeOf(cursor: string | null, { nowMs, sinceMs }: Asker): Place {
  const kept = cursor === null ? {} : (JSON.parse(cursor) as Partial<Place>);
  const page = kept.page ?? "";
  return {
    since: kept.since ?? sinceMs - BEFORE_MS,
    began: page === "" ? nowMs : (kept.began ?? nowMs),
    pages: kept.pages ?? 0,
    page,
  };
}

function askHistory(cursor: string | null, of: Asker): Question {
  const { since, page } = placeOf(cursor, of);
  const query: Record<string, string | string[]> = {
    order: "ascending",
    limit: PAGE,
    changes_since: new Date(since - OVERLAP_MS).toISOString(),
  };
  // Only these two are taken out of the provider's link: it cannot send us elsewhere.
  const next = new URLSearchParams(page);
  for (const name of ["oldest_ref", "newest_ref"]) {
    const value = next.get(name);
    if (value !== null) query[name] = value;
  }
  return { path: `/v2.1/merchants/${encodeURIComponent(of.account)}/transactions/history`, query };
}

function readHistory(answer: JsonReader, cursor: string | null, of: Asker): Answered {
  const place = placeOf(cursor, of);
  const items = answer.raw("items") ?? [];
  if (!Array.isArray(items)) throw new ShapeFault("answer.items", "an array");
  const objects: Asked[] = items.map((item: unknown, nth) => ({
    type: "transaction",
    object: withoutAddress(readJson(item, `answer.items[${nth}]`), item as object),
  }));
  const page = nextPage(answer);
  if (page === "" || items.length === 0)
    return { objects, cursor: JSON.stringify({ since: place.began }), more: false };
  if (page === place.page || place.pages >= MOST_PAGES)
    throw new ShapeFault("answer.links", "an end; the same page is named again and again");
  return {
    objects,
    cursor: JSON.stringify({ ...place, page, pages: place.pages + 1 }),
    more: true,
  };
}

function nextPage(answer: JsonReader): string {
  const links = answer.raw("links") ?? [];
  if (!Array.isArray(links)) throw new ShapeFault("answer.links", "an array");
  for (const [nth, value] of links.entries()) {
    const link = readJson(value, `answer.links[${nth}]`);
    if (link.text("rel") !== "next") continue;
    const href = link.text("href") ?? "";
    if (href.length > 2000) throw new ShapeFault(`${link.path}.href`, "at most 2000 characters");
    return href.slice(href.indexOf("?") + 1);
  }
  return "";
}

/** `user` is the e-mail of who was signed in at the reader; under this name it is stored as a digest. */
function withoutAddress(item: JsonReader, given: object): object {
  const { user: _, ...rest } = given as { user?: unknown };
  const user = item.text("user");
  return user === undefined ? rest : { ...rest, user_email: user };
}

function readCheckout(answer: JsonReader, id: string): Answered {
  if (answer.text("id") !== id)
    throw new ShapeFault("answer.id", "the checkout that was asked for");
  const names = ["id", "status", "merchant_code", "amount", "currency", "date", "transactions"];
  const object = Object.fromEntries(names.map((name) => [name, answer.raw(name)]));
  return { objects: [{ type: "checkout", object }], cursor: null, more: false };
}

function translate({ type, object }: Asked, account: string): Translation {
  const head = { account, delivery_key: "", live: null };
  try {
    const of = readJson(object, "object");
    const id = needed(of.text("transaction_id") ?? of.text("id"), "object.id");
    const known = { ...head, account: of.text("merchant_code") ?? account, delivery_key: id };
    const facts =
      type === "transaction"
        ? transactionFacts(of, known.account)
        : checkoutFacts(of, known.account);
    if (facts.length > 0) return { ...known, outcome: "events", facts };
    const status = of.text("status") ?? "without status";
    return { ...known, outcome: "ignored", type: `${type}: ${status}`.slice(0, 100) };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    throw fault;
  }
}
