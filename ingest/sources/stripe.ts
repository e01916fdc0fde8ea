// Stripe: webhooks signed over a time and the body; what each classic event means to us.
import { createHash } from "node:crypto";
import type { Delivery, Fact, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { type JsonReader, needed, readJson, ShapeFault } from "../../core/json-reader.ts";
import { digestBytes, hmacSha256, sameBytes } from "../../core/signature.ts";
import { externalAccountFacts, payoutFacts, readerFacts } from "./stripe/account.ts";
import { chargeFacts } from "./stripe/charge.ts";
import { disputeFacts, refundFacts, warningFacts } from "./stripe/refund.ts";
import type { StripeEvent } from "./stripe/stripe-event.ts";

/** Seconds that a signed time may lie behind or ahead of ours. Stripe's own library lets any future time pass. */
const OLDEST_S = 300;
const AHEAD_S = 60;

/** Intents, captures and `charge.refunded` tell of facts that come as one of these. */
const FACTS: Readonly<Record<string, (event: StripeEvent) => Fact[]>> = {
  "charge.succeeded": chargeFacts,
  "charge.failed": chargeFacts,
  "charge.expired": chargeFacts,
  "refund.created": refundFacts,
  "charge.dispute.created": disputeFacts,
  "charge.dispute.updated": disputeFacts,
  "charge.dispute.closed": disputeFacts,
  "radar.early_fraud_warning.created": warningFacts,
  "radar.early_fraud_warning.updated": warningFacts,
  "account.external_account.created": externalAccountFacts,
  "account.external_account.updated": externalAccountFacts,
  "account.external_account.deleted": externalAccountFacts,
  "terminal.reader.updated": readerFacts,
  "payout.paid": payoutFacts,
};

export const stripe: Source = {
  id: "stripe",
  verify,
  translate(delivery) {
    const key = createHash("sha256").update(delivery.body).digest("hex");
    const head = { account: null, delivery_key: key, live: null };
    try {
      return translate(readJson(JSON.parse(delivery.body.toString("utf8")), ""));
    } catch (fault) {
      if (fault instanceof ShapeFault)
        return { ...head, outcome: "refused", detail: fault.message };
      if (fault instanceof SyntaxError)
        return { ...head, outcome: "refused", detail: "body: expected JSON" };
      throw fault;
    }
  },
};

function verify(delivery: Delivery, secrets: readonly string[], nowMs: number): VerifyResult {
  const header = delivery.headers["stripe-signature"];
  if (header === undefined || header === "") return { ok: false, code: "SIGNATURE_MISSING" };
  const { time, signatures } = readHeader(header);
  if (time === undefined || signatures.length === 0)
    return { ok: false, code: "SIGNATURE_INVALID" };
  let fits = false;
  for (const secret of secrets) {
    const expected = hmacSha256(secret, `${time}.`, delivery.body);
    for (const given of signatures) if (sameBytes(expected, given)) fits = true;
  }
  if (!fits) return { ok: false, code: "SIGNATURE_INVALID" };
  const ageS = nowMs / 1000 - Number(time);
  return ageS > OLDEST_S || ageS < -AHEAD_S ? { ok: false, code: "SIGNATURE_STALE" } : { ok: true };
}

/** `t=…,v1=…[,v1=…]`; `v0` belongs to test mode and is ignored. */
function readHeader(header: string): { time: string | undefined; signatures: Buffer[] } {
  let time: string | undefined;
  const signatures: Buffer[] = [];
  for (const item of header.split(",").slice(0, 20)) {
    const [name, value = ""] = item.trim().split("=", 2);
    if (name === "t" && /^\d{1,12}$/.test(value)) time = value;
    const digest = name === "v1" ? digestBytes(value, "hex") : undefined;
    if (digest !== undefined) signatures.push(digest);
  }
  return { time, signatures };
}

function translate(body: JsonReader): Translation {
  if (body.text("object") === "v2.core.event")
    throw new ShapeFault("object", "a classic event; thin events are not taken");
  const type = needed(body.text("type"), "type");
  const head = {
    account: body.text("account") ?? null,
    delivery_key: needed(body.text("id"), "id"),
    live: body.flag("livemode") ?? null,
  };
  const translateFacts = Object.hasOwn(FACTS, type) ? FACTS[type] : undefined;
  if (translateFacts === undefined) return { ...head, outcome: "ignored", type };
  try {
    const object = needed(body.object("data")?.object("object"), "data.object");
    const facts = translateFacts({ type, body, object, id: head.delivery_key });
    return facts.length > 0
      ? { ...head, outcome: "events", facts }
      : { ...head, outcome: "ignored", type };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    throw fault;
  }
}
