// Square: webhooks signed over the registered address and the body; what each type means to us.
import { createHash } from "node:crypto";
import type { Delivery, Fact, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { type JsonReader, needed, readJson, ShapeFault } from "../../core/json-reader.ts";
import { digestBytes, hmacSha256, sameBytes } from "../../core/signature.ts";
import { bankAccountFacts, deviceFacts, payoutFacts, revocationFacts } from "./square/account.ts";
import { giftCardFacts } from "./square/gift-card.ts";
import { disputeFacts, paymentFacts, refundFacts } from "./square/payment.ts";
import type { SquareEvent } from "./square/square-event.ts";
import { teamMemberFacts, timeClockFacts, wageFacts } from "./square/staff.ts";

/** What a type makes of its object. No facts: nothing that we keep (a payment still pending, say). */
const FACTS: Readonly<Record<string, (event: SquareEvent) => Fact[]>> = {
  "payment.created": paymentFacts,
  "payment.updated": paymentFacts,
  "refund.created": refundFacts,
  "refund.updated": refundFacts,
  "dispute.created": disputeFacts,
  "dispute.state.updated": disputeFacts,
  "team_member.created": teamMemberFacts,
  "team_member.updated": teamMemberFacts,
  "team_member.wage_setting.updated": wageFacts,
  "labor.timecard.created": timeClockFacts,
  "labor.timecard.updated": timeClockFacts,
  "labor.shift.created": timeClockFacts,
  "labor.shift.updated": timeClockFacts,
  "gift_card.activity.created": giftCardFacts,
  "gift_card.activity.updated": giftCardFacts,
  "bank_account.created": bankAccountFacts,
  "bank_account.verified": bankAccountFacts,
  "bank_account.disabled": bankAccountFacts,
  "device.created": deviceFacts,
  "device.code.paired": deviceFacts,
  "payout.paid": payoutFacts,
  "oauth.authorization.revoked": revocationFacts,
};

/** The body names an order only; its lines and tenders must be asked for once it is complete. */
const ORDERS = new Set(["order.created", "order.updated"]);

export const square: Source = {
  id: "square",
  verify(delivery, secrets) {
    return verify(delivery, secrets);
  },
  translate(delivery) {
    const head = { account: null, delivery_key: bodyKey(delivery), live: null };
    try {
      return translate(readJson(JSON.parse(delivery.body.toString("utf8")), ""), head);
    } catch (fault) {
      if (fault instanceof ShapeFault)
        return { ...head, outcome: "refused", detail: fault.message };
      if (fault instanceof SyntaxError)
        return { ...head, outcome: "refused", detail: "body: expected JSON" };
      throw fault;
    }
  },
};

/** No time is signed, so a delivery stays valid for ever: only its stored id stops a repeat. */
function verify(delivery: Delivery, secrets: readonly string[]): VerifyResult {
  const header = delivery.headers["x-square-hmacsha256-signature"];
  if (header === undefined || header === "") return { ok: false, code: "SIGNATURE_MISSING" };
  const given = digestBytes(header, "base64");
  if (given === undefined) return { ok: false, code: "SIGNATURE_INVALID" };
  let fits = false;
  for (const secret of secrets) {
    if (sameBytes(hmacSha256(secret, delivery.url, delivery.body), given)) fits = true;
  }
  return fits ? { ok: true } : { ok: false, code: "SIGNATURE_INVALID" };
}

function bodyKey(delivery: Delivery): string {
  return createHash("sha256").update(delivery.body).digest("hex");
}

type Head = { account: string | null; delivery_key: string; live: null };

function translate(body: JsonReader, fallback: Head): Translation {
  const type = needed(body.text("type"), "type");
  const head: Head = {
    account: body.text("merchant_id") ?? null,
    delivery_key: body.text("event_id") ?? fallback.delivery_key,
    live: null,
  };
  try {
    return { ...head, ...outcomeOf(type, body) };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    throw fault;
  }
}

type Outcome =
  | { outcome: "events"; facts: Fact[] }
  | { outcome: "ignored"; type: string }
  | { outcome: "ask"; type: string; object: string; facts: Fact[] };

function outcomeOf(type: string, body: JsonReader): Outcome {
  const translateFacts = Object.hasOwn(FACTS, type) ? FACTS[type] : undefined;
  if (translateFacts === undefined && !ORDERS.has(type)) return { outcome: "ignored", type };
  const data = needed(body.object("data"), "data");
  if (translateFacts === undefined) return orderOutcome(type, data);
  const facts = translateFacts({
    type,
    body,
    data,
    object: needed(data.object("object"), "data.object"),
  });
  return facts.length > 0 ? { outcome: "events", facts } : { outcome: "ignored", type };
}

function orderOutcome(type: string, data: JsonReader): Outcome {
  const order = data.object("object")?.object(type.replace(".", "_"));
  if (order?.text("state") !== "COMPLETED") return { outcome: "ignored", type };
  const object = needed(order.text("order_id") ?? data.text("id"), `${order.path}.order_id`);
  return { outcome: "ask", type, object, facts: [] };
}
