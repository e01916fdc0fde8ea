// Any till: our own events, signed per Standard Webhooks over id, time and body.
import { createHash } from "node:crypto";
import { checkEvent } from "../../core/check-event.ts";
import type { Delivery, Fact, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import { type RawEvent, splitBody } from "../../core/event-body.ts";
import { contentId } from "../../core/ids.ts";
import { digestBytes, hmacSha256, sameBytes } from "../../core/signature.ts";

export const MAX_EVENTS_A_BODY = 10_000;
const OLDEST_S = 300;
const AHEAD_S = 60;

export const api: Source = { id: "api", verify, translate };

function verify(delivery: Delivery, secrets: readonly string[], nowMs: number): VerifyResult {
  const id = delivery.headers["webhook-id"];
  const time = delivery.headers["webhook-timestamp"];
  const header = delivery.headers["webhook-signature"];
  if (!id || !time || !header) return { ok: false, code: "SIGNATURE_MISSING" };
  if (!/^\d{1,12}$/.test(time)) return { ok: false, code: "SIGNATURE_INVALID" };
  const given = header
    .split(" ")
    .slice(0, 20)
    .map((part) => (part.startsWith("v1,") ? digestBytes(part.slice(3), "base64") : undefined));
  let fits = false;
  for (const secret of secrets) {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const expected = hmacSha256(key, `${id}.${time}.`, delivery.body);
    for (const digest of given)
      if (digest !== undefined && sameBytes(expected, digest)) fits = true;
  }
  if (!fits) return { ok: false, code: "SIGNATURE_INVALID" };
  const ageS = nowMs / 1000 - Number(time);
  return ageS > OLDEST_S || ageS < -AHEAD_S ? { ok: false, code: "SIGNATURE_STALE" } : { ok: true };
}

/** The id of an event that brings none: the delivery's, with its place in the body. */
export function fallbackEventId(webhookId: string, index: number): string {
  const id = `${webhookId}.${index}`;
  return /^[A-Za-z0-9_.:-]{1,64}$/.test(id) ? id : contentId("webhook", webhookId, index);
}

/** For tools that look at one delivery: the door itself judges each event on its own. Times ahead are not judged here. */
function translate(delivery: Delivery): Translation {
  const webhookId = delivery.headers["webhook-id"];
  const key = webhookId ?? createHash("sha256").update(delivery.body).digest("hex");
  const head = { account: null, delivery_key: key, live: null };
  try {
    const type = delivery.headers["content-type"] ?? "";
    const facts = splitBody(delivery.body, type, MAX_EVENTS_A_BODY).map((raw) => factOf(raw, key));
    const refused = facts.find((fact) => typeof fact === "string");
    if (refused !== undefined) return { ...head, outcome: "refused", detail: refused };
    return { ...head, outcome: "events", facts: facts as Fact[] };
  } catch (fault) {
    if (fault instanceof AppError) return { ...head, outcome: "refused", detail: fault.message };
    throw fault;
  }
}

function factOf(raw: RawEvent, webhookId: string): Fact | string {
  if ("fault" in raw) return raw.fault;
  const merchantId = (raw.value as { merchant_id?: unknown } | null)?.merchant_id;
  const checked = checkEvent(raw.value, {
    nowMs: Number.MAX_SAFE_INTEGER,
    merchantId: typeof merchantId === "string" ? merchantId : "",
  });
  if (!checked.ok) return `event ${raw.index}: ${checked.reason}: ${checked.detail}`;
  const eventId = checked.draft.event_id ?? fallbackEventId(webhookId, raw.index);
  return { fact_key: eventId, draft: { ...checked.draft, event_id: eventId } };
}
