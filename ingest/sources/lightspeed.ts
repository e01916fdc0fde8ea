// Lightspeed Retail (X-Series): webhooks as forms, signed over the raw body. Not confirmed: the vendor's public pages do not
// say how the header is made; this is what integrators report of it. Until a real delivery has passed, a refused signature
// may be ours to mend.
import { createHash } from "node:crypto";
import type { Delivery, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { needed, readJson, ShapeFault } from "../../core/json-reader.ts";
import { digestBytes, hmacSha256, sameBytes } from "../../core/signature.ts";
import { openForm } from "./lightspeed/form.ts";
import { saleFacts } from "./lightspeed/sale.ts";

export const lightspeed: Source = { id: "lightspeed", verify, translate };

/** No time is signed: ids that follow from the facts make a repeat harmless. */
function verify(delivery: Delivery, secrets: readonly string[]): VerifyResult {
  const header = delivery.headers["x-signature"];
  if (header === undefined || header === "") return { ok: false, code: "SIGNATURE_MISSING" };
  const given = digestOf(header);
  if (given === undefined) return { ok: false, code: "SIGNATURE_INVALID" };
  let fits = false;
  for (const secret of secrets) {
    if (sameBytes(hmacSha256(secret, delivery.body), given)) fits = true;
  }
  return fits ? { ok: true } : { ok: false, code: "SIGNATURE_INVALID" };
}

/** Out of `signature=<hex>,algorithm=HMAC-SHA256`, in any order; another algorithm fits nothing. */
function digestOf(header: string): Buffer | undefined {
  const parts = new Map<string, string>();
  for (const part of header.split(",").slice(0, 5)) {
    const at = part.indexOf("=");
    if (at > 0) parts.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  if (parts.get("algorithm")?.toUpperCase() !== "HMAC-SHA256") return undefined;
  return digestBytes(parts.get("signature") ?? "", "hex");
}

/** The payload's own shape says what it is: the form need not name a type. */
function translate(delivery: Delivery): Translation {
  const hash = createHash("sha256").update(delivery.body).digest("hex");
  const head = { account: null, delivery_key: hash, live: null };
  try {
    const form = readJson(openForm(delivery.body.toString("utf8")), "");
    const payload = needed(form.object("payload"), "payload");
    const known = { ...head, account: form.text("domain_prefix") ?? null };
    const facts = payload.has("register_sale_products") ? saleFacts(payload) : [];
    if (facts.length > 0) return { ...known, outcome: "events", facts };
    const type = form.text("type") ?? payload.text("status") ?? "other";
    return { ...known, outcome: "ignored", type: type.slice(0, 100) };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    if (fault instanceof SyntaxError)
      return { ...head, outcome: "refused", detail: "body: expected a form with JSON in payload" };
    throw fault;
  }
}
