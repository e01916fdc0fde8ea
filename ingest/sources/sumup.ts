// SumUp: its webhooks sign nothing and name a checkout only, so nothing in them is believed: the checkout is asked for.
import { createHash } from "node:crypto";
import type { Delivery, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { needed, readJson, ShapeFault } from "../../core/json-reader.ts";

export const sumup: Source = { id: "sumup", verify, translate };

/** A delivery names one id; whoever sends more is not SumUp. */
const LONGEST = 4096;
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Source: https://developer.sumup.com/online-payments/webhooks. The address alone, with its unguessable id, is known to SumUp. */
function verify(delivery: Delivery): VerifyResult {
  return delivery.body.length <= LONGEST ? { ok: true } : { ok: false, code: "SIGNATURE_INVALID" };
}

function translate(delivery: Delivery): Translation {
  const hash = createHash("sha256").update(delivery.body).digest("hex");
  const head = { account: null, delivery_key: hash, live: null };
  try {
    const body = readJson(JSON.parse(delivery.body.toString("utf8")), "");
    const type = needed(body.text("event_type"), "event_type");
    // Two forms are documented; the newer one puts the id into a payload.
    const named = body.object("payload")?.text("checkout_id") ?? body.text("id");
    if (!/^checkout[._]status[._](changed|updated)$/i.test(type))
      return { ...head, outcome: "ignored", type: type.slice(0, 100) };
    const object = needed(named, "id");
    if (!ID.test(object)) throw new ShapeFault("id", "a checkout's id");
    return { ...head, outcome: "ask", type: "checkout", object, facts: [] };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    if (fault instanceof SyntaxError)
      return { ...head, outcome: "refused", detail: "body: expected JSON" };
    throw fault;
  }
}
