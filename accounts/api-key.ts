// Keys of machines: `tw_<keyId>_<43 characters>`; 256 random bits, of which only the hash is kept.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { ulid } from "../core/ids.ts";

/** What a key may be allowed to do. */
export const SCOPES = [
  "events:write",
  "events:read",
  "alerts:read",
  "alerts:write",
  "rules:write",
  "sql:read",
  "admin:read",
  "audit:read",
] as const;
export type Scope = (typeof SCOPES)[number];

/** What a new key gets when nothing is said. */
export const DEFAULT_SCOPES: readonly Scope[] = [
  "events:write",
  "events:read",
  "alerts:read",
  "alerts:write",
];

/** Keys rotate by time; see `accounts-and-mail` §4 of the design. */
export const DEFAULT_KEY_DAYS = 90;

/** `text` is shown once; `hash` is SHA-256 of its random part. */
export type NewApiKey = { keyId: string; text: string; hash: string };

export function makeApiKey(nowMs: number, random: Uint8Array = randomBytes(32)): NewApiKey {
  const keyId = ulid(nowMs);
  const secret = Buffer.from(random).toString("base64url");
  return { keyId, text: `tw_${keyId}_${secret}`, hash: hashToken(secret) };
}

const FORM = /^tw_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})$/;

/** The parts of a key, or undefined where the text cannot be one. */
export function parseApiKey(text: string): { keyId: string; hash: string } | undefined {
  if (text.length !== 73) return undefined;
  const match = FORM.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { keyId: match[1], hash: hashToken(match[2]) };
}

/** SHA-256 in hex. Enough for tokens of 256 random bits; never for passwords. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Compares two hashes of {@link hashToken} in a time that does not tell where they differ; each request pays for it. */
export function sameHash(a: string, b: string): boolean {
  return (
    a.length === b.length && timingSafeEqual(Buffer.from(a, "latin1"), Buffer.from(b, "latin1"))
  );
}

/** Compares two texts in a time that does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
