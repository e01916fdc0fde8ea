// Adyen's standard notifications: each item signs eight of its values, and nothing else of the delivery is signed.
import { createHash } from "node:crypto";
import type { Delivery, Fact, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { type JsonReader, readJson, ShapeFault } from "../../core/json-reader.ts";
import { digestBytes, hmacSha256, sameBytes } from "../../core/signature.ts";
import { type AdyenItem, itemsOf, readItem, signedText } from "./adyen/adyen-item.ts";
import { disputeFacts, paymentFacts, refundFacts, voidFacts } from "./adyen/facts.ts";

export const adyen: Source = { id: "adyen", verify, translate };

/** Source: https://docs.adyen.com/development-resources/webhooks/webhook-types. All else is no fact of ours. */
const FACTS: Readonly<Record<string, (item: AdyenItem) => Fact[]>> = {
  AUTHORISATION: paymentFacts,
  CANCELLATION: voidFacts,
  TECHNICAL_CANCEL: voidFacts,
  REFUND: refundFacts,
  REFUND_WITH_DATA: refundFacts,
  NOTIFICATION_OF_CHARGEBACK: disputeFacts,
  CHARGEBACK: disputeFacts,
  CHARGEBACK_REVERSED: disputeFacts,
  SECOND_CHARGEBACK: disputeFacts,
  PREARBITRATION_WON: disputeFacts,
  PREARBITRATION_LOST: disputeFacts,
  REQUEST_FOR_INFORMATION: disputeFacts,
  NOTIFICATION_OF_FRAUD: disputeFacts,
};

/** Every item must bear a signature that fits: one forged item condemns the delivery, which Adyen then sends again. */
function verify(delivery: Delivery, secrets: readonly string[]): VerifyResult {
  let items: JsonReader[];
  try {
    items = itemsOf(readJson(JSON.parse(delivery.body.toString("utf8")), ""));
  } catch (fault) {
    if (fault instanceof ShapeFault || fault instanceof SyntaxError)
      return { ok: false, code: "SIGNATURE_MISSING" };
    throw fault;
  }
  if (items.length === 0) return { ok: false, code: "SIGNATURE_MISSING" };
  const keys = secrets.filter((secret) => /^([0-9a-fA-F]{2})+$/.test(secret));
  const verdicts = items.map((item) => verifyItem(item, keys));
  return verdicts.find(({ ok }) => !ok) ?? { ok: true };
}

function verifyItem(item: JsonReader, keys: readonly string[]): VerifyResult {
  try {
    const given = item.object("additionalData")?.text("hmacSignature");
    if (given === undefined || given === "") return { ok: false, code: "SIGNATURE_MISSING" };
    const digest = digestBytes(given, "base64");
    if (digest === undefined) return { ok: false, code: "SIGNATURE_INVALID" };
    const text = signedText(item);
    let fits = false;
    for (const key of keys) {
      if (sameBytes(hmacSha256(Buffer.from(key, "hex"), text), digest)) fits = true;
    }
    return fits ? { ok: true } : { ok: false, code: "SIGNATURE_INVALID" };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ok: false, code: "SIGNATURE_INVALID" };
    throw fault;
  }
}

function translate(delivery: Delivery): Translation {
  const hash = createHash("sha256").update(delivery.body).digest("hex");
  const head = { account: null, delivery_key: hash, live: null };
  try {
    const body = readJson(JSON.parse(delivery.body.toString("utf8")), "");
    const items = itemsOf(body).map(readItem);
    // A text, and not signed.
    const live = body.text("live");
    const known = { account: accountOf(items), live: live === undefined ? null : live === "true" };
    const facts = items.flatMap((item) => FACTS[item.code]?.(item) ?? []);
    if (facts.length > 0) return { ...head, ...known, outcome: "events", facts };
    const type = items
      .map(({ code }) => code)
      .join(",")
      .slice(0, 100);
    return { ...head, ...known, outcome: "ignored", type };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    if (fault instanceof SyntaxError)
      return { ...head, outcome: "refused", detail: "body: expected JSON" };
    throw fault;
  }
}

/** The merchant account is among the signed values. */
function accountOf(items: readonly AdyenItem[]): string | null {
  const accounts = new Set(items.map(({ item }) => item.text("merchantAccountCode") ?? ""));
  const [only] = accounts;
  return accounts.size === 1 && only !== undefined && only !== "" ? only : null;
}
