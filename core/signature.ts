// Signatures of deliveries: computed over raw bytes, compared in constant time.
import { createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA-256 over the parts, one after the other. Text counts as UTF-8. */
export function hmacSha256(key: string | Buffer, ...parts: (string | Buffer)[]): Buffer {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Equal, in a time that does not tell where they differ. Other lengths are never equal. */
export function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Bytes of a digest in base64 or hex, or undefined when the text is not exactly one SHA-256 digest in that form. */
export function digestBytes(text: string, form: "base64" | "hex"): Buffer | undefined {
  const fits = form === "hex" ? /^[0-9a-fA-F]{64}$/ : /^[A-Za-z0-9+/]{43}=$/;
  return fits.test(text) ? Buffer.from(text, form) : undefined;
}
