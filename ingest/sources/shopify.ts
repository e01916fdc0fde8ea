// Shopify: webhooks signed over the body alone. Topic, shop and webhook id stand in headers that nobody signs, so the
// body's own shape says what it is, and a topic that does not fit is refused.
import { createHash } from "node:crypto";
import type { Delivery, Fact, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { draftOf } from "../../core/event-draft.ts";
import { type JsonReader, readJson, ShapeFault } from "../../core/json-reader.ts";
import { digestBytes, hmacSha256, sameBytes } from "../../core/signature.ts";
import { orderFacts } from "./shopify/order.ts";
import { disputeFacts, refundFacts, transactionFacts } from "./shopify/payment.ts";
import { time } from "./shopify/shopify-object.ts";

export const shopify: Source = { id: "shopify", verify, translate };

/** No time is signed: only the stored id of a delivery stops one that is sent again. */
function verify(delivery: Delivery, secrets: readonly string[]): VerifyResult {
  const { headers } = delivery;
  const header = headers["x-shopify-hmac-sha256"] ?? headers["shopify-hmac-sha256"];
  if (header === undefined || header === "") return { ok: false, code: "SIGNATURE_MISSING" };
  const given = digestBytes(header, "base64");
  if (given === undefined) return { ok: false, code: "SIGNATURE_INVALID" };
  let fits = false;
  for (const secret of secrets) {
    if (sameBytes(hmacSha256(secret, delivery.body), given)) fits = true;
  }
  return fits ? { ok: true } : { ok: false, code: "SIGNATURE_INVALID" };
}

type Shape = { topic: RegExp; is(body: JsonReader): boolean; facts(body: JsonReader): Fact[] };

/** Source: https://shopify.dev/docs/api/webhooks. The first shape that fits counts. */
const SHAPES: Readonly<Record<string, Shape>> = {
  order: {
    topic: /^orders\/(create|paid|cancelled)$/,
    is: (body) => body.has("line_items") && body.has("total_price"),
    facts: orderFacts,
  },
  refund: {
    topic: /^refunds\/create$/,
    is: (body) =>
      body.has("refund_line_items") || (body.has("transactions") && body.has("order_id")),
    facts: refundFacts,
  },
  transaction: {
    topic: /^order_transactions\/create$/,
    is: (body) => body.has("gateway") && body.has("kind"),
    facts: transactionFacts,
  },
  dispute: {
    topic: /^disputes\/(create|update)$/,
    is: (body) => body.has("initiated_at") && body.has("reason"),
    facts: disputeFacts,
  },
  shop: {
    topic: /^app\/uninstalled$/,
    is: (body) => body.has("myshopify_domain") && body.has("plan_name"),
    facts: uninstalledFacts,
  },
};

function translate(delivery: Delivery): Translation {
  const topic = delivery.headers["x-shopify-topic"] ?? delivery.headers["shopify-topic"];
  const hash = createHash("sha256").update(delivery.body).digest("hex");
  const head = { account: null, delivery_key: `${topic ?? ""}:${hash}`, live: null };
  try {
    const body = readJson(JSON.parse(delivery.body.toString("utf8")), "");
    const test = body.flag("test");
    return { ...head, live: test === undefined ? null : !test, ...meaning(body, topic) };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    if (fault instanceof SyntaxError)
      return { ...head, outcome: "refused", detail: "body: expected JSON" };
    throw fault;
  }
}

type Meaning =
  | { outcome: "events"; facts: Fact[] }
  | { outcome: "ignored"; type: string }
  | { outcome: "refused"; detail: string };

function meaning(body: JsonReader, topic: string | undefined): Meaning {
  const known =
    topic === undefined || Object.values(SHAPES).some((shape) => shape.topic.test(topic));
  if (!known) return { outcome: "ignored", type: topic.slice(0, 100) };
  const shape = Object.values(SHAPES).find((one) => one.is(body));
  if (shape === undefined)
    return { outcome: "refused", detail: "body: expected an object of its topic" };
  // A replay has no headers any more: there the shape alone decides.
  if (topic !== undefined && !shape.topic.test(topic)) {
    return {
      outcome: "refused",
      detail: "x-shopify-topic: expected the topic that the body is of",
    };
  }
  const facts = shape.facts(body);
  return facts.length > 0
    ? { outcome: "events", facts }
    : { outcome: "ignored", type: topic ?? "no news" };
}

/** The app was taken out of the shop: nothing more will come. */
function uninstalledFacts(shop: JsonReader): Fact[] {
  const ts = time(shop, "updated_at");
  if (ts === undefined) throw new ShapeFault("updated_at", "a time");
  const draft = draftOf(
    { event_type: "control_failed", control: "source", ts },
    { shop: shop.text("myshopify_domain") },
  );
  return [{ fact_key: `uninstalled:${shop.text("myshopify_domain") ?? ""}:${ts}`, draft }];
}
