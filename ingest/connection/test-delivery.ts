// A delivery of no meaning, signed as its provider signs, with the connection's own secret: to test the way from door to disk.
import { randomBytes } from "node:crypto";
import type { SourceConnection, SourceKind } from "../../core/merchant.ts";
import { hmacSha256 } from "../../core/signature.ts";

type Made = { headers: Record<string, string>; body: Buffer };
type Of = { connection: SourceConnection; secret: string; nowMs: number };

const TYPE = "tillwatch.test";
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
/** A connection that takes live deliveries only shall not refuse its own test. */
const isLive = ({ mode }: SourceConnection) => mode !== "test";

const MAKERS: Readonly<Record<SourceKind, (of: Of) => Made>> = {
  square({ connection, secret }) {
    const body = bytes({
      type: TYPE,
      merchant_id: connection.account ?? undefined,
      event_id: TYPE,
    });
    const signature = hmacSha256(secret, connection.url, body).toString("base64");
    return { headers: { "x-square-hmacsha256-signature": signature }, body };
  },
  stripe({ connection, secret, nowMs }) {
    const created = Math.floor(nowMs / 1000);
    const account = connection.account ?? undefined;
    const event = { id: TYPE, object: "event", type: TYPE, created, livemode: isLive(connection) };
    const body = bytes({ ...event, account, data: { object: {} } });
    const v1 = hmacSha256(secret, `${created}.`, body).toString("hex");
    return { headers: { "stripe-signature": `t=${created},v1=${v1}` }, body };
  },
  shopify({ secret }) {
    const body = bytes({ id: 0 });
    const signature = hmacSha256(secret, body).toString("base64");
    return { headers: { "x-shopify-hmac-sha256": signature, "x-shopify-topic": TYPE }, body };
  },
  adyen({ connection, secret }) {
    const account = connection.account ?? "";
    const text = ["TEST", "", account, "", "0", "EUR", "TILLWATCH_TEST", "true"].join(":");
    const hmacSignature = hmacSha256(Buffer.from(secret, "hex"), text).toString("base64");
    const item = {
      ...{ pspReference: "TEST", merchantAccountCode: account, eventCode: "TILLWATCH_TEST" },
      ...{ success: "true", amount: { value: 0, currency: "EUR" } },
      eventDate: "2026-01-01T00:00:00+00:00",
      additionalData: { hmacSignature },
    };
    const notificationItems = [{ NotificationRequestItem: item }];
    return { headers: {}, body: bytes({ live: String(isLive(connection)), notificationItems }) };
  },
  toast({ connection, secret, nowMs }) {
    const timestamp = new Date(nowMs).toISOString();
    const details = { restaurantGuid: connection.account ?? undefined };
    const body = bytes({ timestamp, eventType: TYPE, guid: TYPE, details });
    const signature = hmacSha256(secret, body, timestamp).toString("base64");
    return { headers: { "toast-signature": signature }, body };
  },
  zettle({ connection, secret, nowMs }) {
    const timestamp = new Date(nowMs).toISOString();
    const payload = JSON.stringify({ organizationUuid: connection.account ?? undefined });
    const signature = hmacSha256(secret, `${timestamp}.${payload}`).toString("hex");
    const body = bytes({ eventName: "TillwatchTest", timestamp, payload });
    return { headers: { "x-izettle-signature": signature }, body };
  },
  lightspeed({ connection, secret }) {
    const form = new URLSearchParams({ payload: "{}", type: TYPE });
    if (connection.account !== null) form.set("domain_prefix", connection.account);
    const body = Buffer.from(form.toString());
    const hex = hmacSha256(secret, body).toString("hex");
    return { headers: { "x-signature": `signature=${hex},algorithm=HMAC-SHA256` }, body };
  },
  clover({ connection, secret }) {
    const body = bytes({ appId: TYPE, merchants: { [connection.account ?? "TEST"]: [] } });
    return { headers: { "x-clover-auth": secret }, body };
  },
  sumup: () => ({ headers: {}, body: bytes({ event_type: TYPE, id: TYPE }) }),
  api({ secret, nowMs }) {
    const id = `test_${randomBytes(8).toString("hex")}`;
    const time = String(Math.floor(nowMs / 1000));
    const body = bytes([]);
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const signature = hmacSha256(key, `${id}.${time}.`, body).toString("base64");
    const signed = { "webhook-timestamp": time, "webhook-signature": `v1,${signature}` };
    return { headers: { "webhook-id": id, ...signed }, body };
  },
};

export function makeTestDelivery(of: Of): Made {
  return MAKERS[of.connection.kind](of);
}
