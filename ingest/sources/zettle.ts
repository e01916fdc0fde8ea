// Zettle (PayPal POS): webhooks that sign a time and the text of the payload. The event's name is not signed, so the
// payload's own shape says what it is.
import type { Delivery, Fact, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { draftOf } from "../../core/event-draft.ts";
import { type JsonReader, needed, ShapeFault } from "../../core/json-reader.ts";
import { digestBytes, hmacSha256, sameBytes } from "../../core/signature.ts";
import { parseIsoTime } from "../../core/time.ts";
import { isTestMessage, readMessage, signedParts, type ZettleMessage } from "./zettle/message.ts";
import { purchaseFacts } from "./zettle/purchase.ts";

export const zettle: Source = { id: "zettle", verify, translate };

/**
 * A failed delivery comes again for almost 72 hours with the time of the event; after the last refusal Zettle ends the
 * subscription. A repeat does no harm: ids follow from the facts.
 */
const OLDEST_MS = 74 * 3_600_000;
const AHEAD_MS = 60_000;
const LONGEST_TEST_MESSAGE = 2048;

/** Source: https://developer.zettle.com/docs/api/pusher/user-guides/create-subscriptions */
function verify(delivery: Delivery, secrets: readonly string[], nowMs: number): VerifyResult {
  const { headers, body } = delivery;
  const header = headers["x-izettle-signature"];
  if (header === undefined || header === "") {
    // Subscribing needs a 2xx to a message that nobody can sign yet; it is ignored whatever else it holds.
    return body.length <= LONGEST_TEST_MESSAGE && isTestMessage(body.toString("utf8"))
      ? { ok: true }
      : { ok: false, code: "SIGNATURE_MISSING" };
  }
  const given = digestBytes(header, "hex");
  const parts = signedParts(body.toString("utf8"));
  if (given === undefined || parts === undefined) return { ok: false, code: "SIGNATURE_INVALID" };
  let fits = false;
  for (const secret of secrets) {
    if (sameBytes(hmacSha256(secret, `${parts.time}.${parts.payload}`), given)) fits = true;
  }
  const signedMs = parseIsoTime(parts.time);
  if (!fits || signedMs === undefined) return { ok: false, code: "SIGNATURE_INVALID" };
  const ageMs = nowMs - signedMs;
  return ageMs > OLDEST_MS || ageMs < -AHEAD_MS
    ? { ok: false, code: "SIGNATURE_STALE" }
    : { ok: true };
}

type Shape = { is(payload: JsonReader): boolean; facts(message: ZettleMessage): Fact[] };
const PURCHASE: Shape = {
  is: (payload) => payload.has("amount") && payload.has("payments") && payload.has("currency"),
  facts: ({ payload }) => purchaseFacts(payload),
};
const GONE = /^(ApplicationConnectionRemoved|PersonalAssertionDeleted)$/;
const REMOVAL: Shape = {
  is: (payload) => GONE.test(payload.text("type") ?? ""),
  facts: removalFacts,
};

/** Payloads of card payments on their own are not documented, and each of them is in a purchase. */
const SHAPES: Readonly<Record<string, Shape>> = {
  PurchaseCreated: PURCHASE,
  ApplicationConnectionRemoved: REMOVAL,
  PersonalAssertionDeleted: REMOVAL,
};

function translate(delivery: Delivery): Translation {
  const head = { account: null, delivery_key: "", live: null };
  const text = delivery.body.toString("utf8");
  try {
    if (isTestMessage(text)) return { ...head, outcome: "ignored", type: "TestMessage" };
    const message = readMessage(text);
    const shape = SHAPES[message.name];
    const account = message.payload.text("organizationUuid") ?? null;
    const known = { account, delivery_key: message.key, live: null };
    if (shape === undefined)
      return { ...known, outcome: "ignored", type: message.name.slice(0, 100) };
    if (!shape.is(message.payload))
      return { ...known, outcome: "refused", detail: "payload: expected what its event is of" };
    const facts = shape.facts(message);
    if (facts.length > 0) return { ...known, outcome: "events", facts };
    return { ...known, outcome: "ignored", type: message.name };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    if (fault instanceof SyntaxError)
      return { ...head, outcome: "refused", detail: "body: expected JSON" };
    throw fault;
  }
}

/** Our access was taken away: nothing more will come. */
function removalFacts({ body, payload }: ZettleMessage): Fact[] {
  const text = needed(body.text("timestamp"), "timestamp");
  const ts = needed(parseIsoTime(text), "timestamp (an ISO 8601 time with a zone)");
  const cause = payload.text("type");
  const draft = draftOf(
    { event_type: "control_failed", control: "source", ts },
    { source_kind: "zettle", cause },
  );
  return [{ fact_key: `${cause}:${ts}`, draft }];
}
