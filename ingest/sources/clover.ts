// Clover: webhooks that name objects only, with a fixed code as header; nothing is signed, so each object is asked for.
import { createHash } from "node:crypto";
import type { Delivery, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { type JsonReader, needed, readJson, ShapeFault } from "../../core/json-reader.ts";
import { hmacSha256, sameBytes } from "../../core/signature.ts";

export const clover: Source = { id: "clover", verify, translate };

const LONGEST_SETUP = 1024;
const MOST_OBJECTS = 200;

/** Source: https://docs.clover.com/dev/docs/webhooks. The code is the same in each delivery: who has seen one can send more. */
function verify(delivery: Delivery, secrets: readonly string[]): VerifyResult {
  const given = delivery.headers["x-clover-auth"];
  if (given === undefined || given === "") {
    // The code exists only once this message was answered; it names nothing that is asked for.
    return delivery.body.length <= LONGEST_SETUP && isSetup(delivery.body)
      ? { ok: true }
      : { ok: false, code: "SIGNATURE_MISSING" };
  }
  // Digests have one length, so that the time of comparing tells nothing.
  const digest = hmacSha256("clover", given);
  let fits = false;
  for (const secret of secrets) if (sameBytes(hmacSha256("clover", secret), digest)) fits = true;
  return fits ? { ok: true } : { ok: false, code: "SIGNATURE_INVALID" };
}

function isSetup(body: Buffer): boolean {
  try {
    const message = readJson(JSON.parse(body.toString("utf8")), "");
    return message.has("verificationCode") && !message.has("merchants");
  } catch (fault) {
    if (fault instanceof ShapeFault || fault instanceof SyntaxError) return false;
    throw fault;
  }
}

function translate(delivery: Delivery): Translation {
  const hash = createHash("sha256").update(delivery.body).digest("hex");
  const head = { account: null, delivery_key: hash, live: null };
  try {
    const body = readJson(JSON.parse(delivery.body.toString("utf8")), "");
    if (body.has("verificationCode")) return { ...head, outcome: "ignored", type: "verification" };
    const merchants = needed(body.object("merchants"), "merchants");
    const names = Object.keys(body.raw("merchants") as object);
    const [account] = names;
    // One connection is one shop: an app that several installed tells of several in one delivery.
    if (account === undefined || names.length > 1)
      throw new ShapeFault("merchants", "one merchant");
    const objects = namedIn(merchants, account);
    const [first] = objects;
    const known = { ...head, account };
    if (first === undefined) return { ...known, outcome: "ignored", type: "other objects" };
    return { ...known, outcome: "ask", ...first, objects, facts: [] };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    if (fault instanceof SyntaxError)
      return { ...head, outcome: "refused", detail: "body: expected JSON" };
    throw fault;
  }
}

/** `P:` is a payment. What was deleted cannot be asked for any more. */
function namedIn(merchants: JsonReader, account: string): { type: string; object: string }[] {
  const list = merchants.raw(account);
  const path = `${merchants.path}.${account.slice(0, 20)}`;
  if (!Array.isArray(list) || list.length > MOST_OBJECTS)
    throw new ShapeFault(path, `an array of at most ${MOST_OBJECTS}`);
  return list.flatMap((value, nth) => {
    const one = readJson(value, `${path}[${nth}]`);
    const payment = /^P:([A-Za-z0-9]{1,64})$/.exec(one.text("objectId") ?? "")?.[1];
    if (payment === undefined || one.text("type") === "DELETE") return [];
    return [{ type: "payment", object: payment }];
  });
}
