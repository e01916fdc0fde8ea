// Our verifiers and the vendors' own agree, but for the differences that are listed here.
import { createHmac, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { expect, it } from "vitest";
import { signApi, signSquare, signStripe } from "../testing.ts";
import { api } from "./api.ts";
import { square } from "./square.ts";
import { stripe } from "./stripe.ts";

/** By require, whose answer has no types: Square's 3,900 declaration files would cost every type check seconds. */
const { WebhooksHelper } = createRequire(import.meta.url)("square") as {
  WebhooksHelper: { verifySignature(given: Record<string, string>): Promise<boolean> };
};

const ROUNDS = 1000;
/** A seeded choice, so that a difference can be seen again. */
const dice = (i: number, of: number) =>
  createHmac("sha256", "parity").update(`${i}`).digest().readUInt32BE(0) % of;
const bodyFor = (i: number) =>
  Buffer.from(
    JSON.stringify({
      id: `e${i}`,
      object: "event",
      text: i % 3 === 0 ? "ünï ✓" : randomBytes(8).toString("hex"),
    }),
  );
const spoil = (text: string) =>
  `${text.slice(0, -3)}${text.at(-3) === "A" ? "B" : "A"}${text.slice(-2)}`;

it("Square", async () => {
  for (let i = 0; i < ROUNDS; i += 1) {
    const url = `https://shop.example/in/square/${i}`;
    const body = bodyFor(i);
    const signed = signSquare(url, body, "key")["x-square-hmacsha256-signature"] as string;
    const signature = [signed, spoil(signed), signed, "AAAA"][dice(i, 4)] as string;
    const at = dice(i + ROUNDS, 5) === 0 ? `${url}/` : url;
    const theirs = await WebhooksHelper.verifySignature({
      requestBody: body.toString(),
      signatureHeader: signature,
      signatureKey: "key",
      notificationUrl: at,
    });
    const ours = square.verify(
      { url: at, headers: { "x-square-hmacsha256-signature": signature }, body },
      ["key"],
      0,
    );
    expect([i, ours.ok]).toEqual([i, theirs]);
  }
}, 60_000);

it("Stripe, but for times ahead: theirs takes any, ours 60 s", () => {
  const vendor = new Stripe("sk_test_x");
  const nowMs = Date.now();
  for (let i = 0; i < ROUNDS; i += 1) {
    const body = bodyFor(i);
    const age = [0, -50, 290, 400, -3600][dice(i, 5)] as number;
    const header = signStripe(body, "whsec_x", nowMs - age * 1000)["stripe-signature"] as string;
    const given =
      dice(i + ROUNDS, 3) === 0
        ? `${header.slice(0, -1)}${header.endsWith("0") ? "1" : "0"}`
        : header;
    let theirs = true;
    try {
      vendor.webhooks.constructEvent(body, given, "whsec_x", 300, undefined, nowMs);
    } catch {
      theirs = false;
    }
    const ours = stripe.verify(
      { url: "", headers: { "stripe-signature": given }, body },
      ["whsec_x"],
      nowMs,
    ).ok;
    expect([i, ours]).toEqual([i, age === -3600 ? false : theirs]);
  }
});

it("Standard Webhooks, but for times ahead: theirs takes 300 s, ours 60 s", () => {
  const secret = `whsec_${randomBytes(24).toString("base64")}`;
  const vendor = new Webhook(secret);
  const nowMs = Date.now();
  for (let i = 0; i < ROUNDS; i += 1) {
    const body = bodyFor(i);
    const age = [0, -50, 290, 400, -200, -3600][dice(i, 6)] as number;
    const headers = signApi(body, secret, { id: `m${i}`, nowMs: nowMs - age * 1000 });
    if (dice(i + ROUNDS, 3) === 0)
      headers["webhook-signature"] = spoil(headers["webhook-signature"] as string);
    if (dice(i + ROUNDS, 5) === 0)
      headers["webhook-signature"] = `v2,x ${headers["webhook-signature"]}`;
    let theirs = true;
    try {
      vendor.verify(body, headers);
    } catch {
      theirs = false;
    }
    const ours = api.verify({ url: "", headers, body }, [secret], nowMs).ok;
    expect([i, ours]).toEqual([i, age === -200 ? false : theirs]);
  }
});
