// Builders for ingest's tests: deliveries signed as the providers sign them.
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

const FIXTURES = new URL("./fixtures/", import.meta.url);

export function fixture(path: string): Buffer {
  return readFileSync(new URL(path, FIXTURES));
}

/** Names of Square's sample bodies, without `.json`. */
export function squareFixtures(): string[] {
  return readdirSync(new URL("square/", FIXTURES))
    .filter((name) => name.endsWith(".json") && name !== "signature-vectors.json")
    .map((name) => name.slice(0, -5));
}

export function signSquare(url: string, body: Buffer, secret: string): Record<string, string> {
  const signature = createHmac("sha256", secret).update(url).update(body).digest("base64");
  return { "x-square-hmacsha256-signature": signature };
}

export function signStripe(body: Buffer, secret: string, nowMs: number): Record<string, string> {
  const time = Math.floor(nowMs / 1000);
  const signature = createHmac("sha256", secret).update(`${time}.`).update(body).digest("hex");
  return { "stripe-signature": `t=${time},v1=${signature}` };
}

export function signShopify(body: Buffer, secret: string, topic?: string): Record<string, string> {
  const signature = createHmac("sha256", secret).update(body).digest("base64");
  const headers: Record<string, string> = { "x-shopify-hmac-sha256": signature };
  if (topic !== undefined) headers["x-shopify-topic"] = topic;
  return headers;
}

export function signToast(body: Buffer, secret: string): Record<string, string> {
  const { timestamp } = JSON.parse(body.toString()) as { timestamp: string };
  const signature = createHmac("sha256", secret).update(`${body}${timestamp}`).digest("base64");
  return { "toast-signature": signature };
}

/** Zettle puts the payload as a text into its envelope, and signs that text with the time. */
export function signZettle(
  message: Record<string, unknown> & { payload: object; timestamp: string },
  secret: string,
): { body: Buffer; headers: Record<string, string> } {
  const payload = JSON.stringify(message.payload);
  const signed = createHmac("sha256", secret).update(`${message.timestamp}.${payload}`);
  return {
    body: Buffer.from(JSON.stringify({ ...message, payload })),
    headers: { "x-izettle-signature": signed.digest("hex") },
  };
}

export function signLightspeed(body: Buffer, secret: string): Record<string, string> {
  const hex = createHmac("sha256", secret).update(body).digest("hex");
  return { "x-signature": `signature=${hex},algorithm=HMAC-SHA256` };
}

/** A delivery of these items, each with its signature. Written from the vendor's rule, not from our verifier. */
export function signAdyen(items: readonly Record<string, unknown>[], hexKey: string): Buffer {
  const signed = items.map((item) => {
    const { value, currency } = (item.amount ?? {}) as { value?: number; currency?: string };
    const names = ["pspReference", "originalReference", "merchantAccountCode", "merchantReference"];
    const values = [
      ...names.map((name) => item[name]),
      value,
      currency,
      item.eventCode,
      item.success,
    ];
    const text = values.map((one) => String(one ?? "")).join(":");
    const hmacSignature = createHmac("sha256", Buffer.from(hexKey, "hex"))
      .update(text)
      .digest("base64");
    const additionalData = { ...(item.additionalData as object | undefined), hmacSignature };
    return { NotificationRequestItem: { ...item, additionalData } };
  });
  return Buffer.from(JSON.stringify({ live: "true", notificationItems: signed }));
}

export function signApi(
  body: Buffer,
  secret: string,
  of: { id: string; nowMs: number },
): Record<string, string> {
  const time = String(Math.floor(of.nowMs / 1000));
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signed = createHmac("sha256", key).update(`${of.id}.${time}.`).update(body);
  const signature = `v1,${signed.digest("base64")}`;
  return { "webhook-id": of.id, "webhook-timestamp": time, "webhook-signature": signature };
}

/** A Stripe object in its envelope. */
export function stripeEvent(type: string, object: object, over: object = {}): Buffer {
  const envelope = { id: `evt_${type}`, object: "event", created: 1_700_000_100, livemode: false };
  return Buffer.from(JSON.stringify({ ...envelope, type, data: { object }, ...over }));
}
