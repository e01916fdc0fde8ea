// How Clover is asked: the payment that a webhook named, and every payment by the time of its last change, since webhooks may not come.
import type { Answered, Asked, Asker, Asking, Question } from "../../../core/asking.ts";
import type { Translation } from "../../../core/delivery.ts";
import { type JsonReader, readJson, ShapeFault } from "../../../core/json-reader.ts";
import { paymentFacts } from "./payment.ts";

/** Sources: https://docs.clover.com/dev/docs/get-all-payments, https://docs.clover.com/dev/docs/api-overview (hosts by region). */
export const cloverAsking: Asking = {
  hosts: ["api.clover.com", "api.eu.clover.com", "api.la.clover.com", "apisandbox.dev.clover.com"],
  token: "an API token of the merchant (Account & Setup, API Tokens) that may read payments",
  headers: (token) => ({ authorization: `Bearer ${token}` }),
  polls: [{ what: "payments", everyMs: 300_000, ask: askPayments, read: readPayments }],
  object(type, id) {
    if (type !== "payment") return undefined;
    return {
      ask: (_cursor, { account }) => ({
        path: `${pathOf(account)}/${encodeURIComponent(id)}`,
        query: { expand: EXPAND },
      }),
      read(answer) {
        if (answer.text("id") !== id)
          throw new ShapeFault("answer.id", "the payment that was asked for");
        return { objects: [{ type, object: payment(answer) }], cursor: null, more: false };
      },
    };
  },
  translate,
};

const EXPAND = "cardTransaction,refunds,tender";
const PAGE = 100;
const MOST_OFFSET = 500_000;
/** Before a connection was made: a day, so that its first hours are not blind. */
const BEFORE_MS = 86_400_000;
/** A change may be listed a little after its time. */
const OVERLAP_MS = 300_000;

const pathOf = (account: string) => `/v3/merchants/${encodeURIComponent(account)}/payments`;

type Place = { since: number; began: number; offset: number };

function placeOf(cursor: string | null, { nowMs, sinceMs }: Asker): Place {
  const kept = cursor === null ? {} : (JSON.parse(cursor) as Partial<Place>);
  const since = kept.since ?? sinceMs - BEFORE_MS;
  return { since, began: kept.began ?? nowMs, offset: kept.offset ?? 0 };
}

function askPayments(cursor: string | null, of: Asker): Question {
  const { since, offset } = placeOf(cursor, of);
  const query = {
    filter: `modifiedTime>=${since - OVERLAP_MS}`,
    orderBy: "modifiedTime ASC",
    expand: EXPAND,
    limit: String(PAGE),
    offset: String(offset),
  };
  return { path: pathOf(of.account), query };
}

function readPayments(answer: JsonReader, cursor: string | null, of: Asker): Answered {
  const place = placeOf(cursor, of);
  const objects: Asked[] = each(answer, "elements").map((one) => ({
    type: "payment",
    object: payment(one),
  }));
  if (objects.length < PAGE)
    return { objects, cursor: JSON.stringify({ since: place.began }), more: false };
  const offset = place.offset + objects.length;
  if (offset > MOST_OFFSET) throw new ShapeFault("answer.elements", "an end");
  return { objects, cursor: JSON.stringify({ ...place, offset }), more: true };
}

/** An expanded list is an object with `elements`. */
function each(of: JsonReader, name: string): JsonReader[] {
  const list = of.raw(name) ?? [];
  if (!Array.isArray(list)) throw new ShapeFault(`${of.path}.${name}`, "an array");
  return list.map((value, nth) => readJson(value, `${of.path}.${name}[${nth}]`));
}

const FIELDS =
  `id amount tipAmount taxAmount createdTime clientCreatedTime modifiedTime result offline voidReason
  order employee device tender cardTransaction refunds`.split(/\s+/);

/** Only what is read: an answer holds much else. */
function payment(of: JsonReader): object {
  return Object.fromEntries(FIELDS.map((name) => [name, of.raw(name)]));
}

function translate({ object }: Asked, account: string): Translation {
  const head = { account, delivery_key: "", live: null };
  try {
    const of = readJson(object, "object");
    const known = { ...head, delivery_key: of.text("id") ?? "" };
    const refunds = of.object("refunds");
    const facts = paymentFacts(of, refunds === undefined ? [] : each(refunds, "elements"), account);
    if (facts.length > 0) return { ...known, outcome: "events", facts };
    return {
      ...known,
      outcome: "ignored",
      type: `payment: ${of.text("result") ?? ""}`.slice(0, 100),
    };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    throw fault;
  }
}
