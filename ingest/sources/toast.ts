// Toast: webhooks signed over the body and, behind it, the time that the body itself names.
import type { Delivery, Fact, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { draftOf } from "../../core/event-draft.ts";
import { type JsonReader, needed, readJson, ShapeFault } from "../../core/json-reader.ts";
import { digestBytes, hmacSha256, sameBytes } from "../../core/signature.ts";
import { parseIsoTime } from "../../core/time.ts";
import { orderFacts } from "./toast/check.ts";
import { time } from "./toast/toast-object.ts";

export const toast: Source = { id: "toast", verify, translate };

/** A failed delivery comes again after 5 and 10 more minutes, with the time of the event: all three must pass. */
const OLDEST_MS = 30 * 60_000;
const AHEAD_MS = 60_000;

/** Source: https://doc.toasttab.com/doc/devguide/apiMessageSigning.html */
function verify(delivery: Delivery, secrets: readonly string[], nowMs: number): VerifyResult {
  const header = delivery.headers["toast-signature"];
  if (header === undefined || header === "") return { ok: false, code: "SIGNATURE_MISSING" };
  const given = digestBytes(header, "base64");
  // Nothing of the body is believed yet: its time only completes the signed text.
  const signedTime = timeText(delivery.body);
  if (given === undefined || signedTime === undefined)
    return { ok: false, code: "SIGNATURE_INVALID" };
  let fits = false;
  for (const secret of secrets) {
    if (sameBytes(hmacSha256(secret, delivery.body, signedTime), given)) fits = true;
  }
  const signedMs = parseIsoTime(signedTime);
  if (!fits || signedMs === undefined) return { ok: false, code: "SIGNATURE_INVALID" };
  const ageMs = nowMs - signedMs;
  return ageMs > OLDEST_MS || ageMs < -AHEAD_MS
    ? { ok: false, code: "SIGNATURE_STALE" }
    : { ok: true };
}

function timeText(body: Buffer): string | undefined {
  try {
    return readJson(JSON.parse(body.toString("utf8")), "").text("timestamp");
  } catch (fault) {
    if (fault instanceof ShapeFault || fault instanceof SyntaxError) return undefined;
    throw fault;
  }
}

/** Source: https://doc.toasttab.com/doc/devguide/apiWebhooksReference.html. All else is no fact of ours. */
const FACTS: Readonly<Record<string, (event: ToastEvent) => Fact[]>> = {
  order_updated: changedOrder,
  channel_order_updated: changedOrder,
  partner_removed: removedPartner,
};

type ToastEvent = { body: JsonReader; details: JsonReader; guid: string };

function translate(delivery: Delivery): Translation {
  const head = { account: null, delivery_key: "", live: null };
  try {
    const body = readJson(JSON.parse(delivery.body.toString("utf8")), "");
    const type = needed(body.text("eventType"), "eventType");
    const guid = needed(body.text("guid"), "guid");
    const details = body.object("details");
    const test = details?.object("order")?.flag("createdInTestMode");
    const known = {
      account: details?.text("restaurantGuid") ?? null,
      delivery_key: guid,
      live: test === undefined ? null : !test,
    };
    const facts = FACTS[type]?.({ body, guid, details: needed(details, "details") }) ?? [];
    if (facts.length > 0) return { ...known, outcome: "events", facts };
    return { ...known, outcome: "ignored", type: type.slice(0, 100) };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    if (fault instanceof SyntaxError)
      return { ...head, outcome: "refused", detail: "body: expected JSON" };
    throw fault;
  }
}

function changedOrder({ details }: ToastEvent): Fact[] {
  const order = needed(details.object("order"), "details.order");
  return orderFacts(order, needed(details.text("restaurantGuid"), "details.restaurantGuid"));
}

/** The restaurant took our access away: nothing more will come. */
function removedPartner({ body, details, guid }: ToastEvent): Fact[] {
  const draft = draftOf(
    {
      event_type: "control_failed",
      control: "source",
      ts: needed(time(body, "timestamp"), "timestamp"),
      store_id: details.text("restaurantGuid"),
    },
    { source_kind: "toast", cause: "access removed" },
  );
  return [{ fact_key: `partner_removed:${guid}`, draft }];
}
