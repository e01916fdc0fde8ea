// Names for new things: sortable by time, unguessable, or derived from content.
import { createHash, randomBytes } from "node:crypto";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * A ULID: 48 bits of UTC ms, then 80 random bits, as 26 characters that sort by time.
 * In: nowMs, whole UTC ms; random, ten bytes. Source: https://github.com/ulid/spec
 */
export function ulid(nowMs: number, random: Uint8Array = randomBytes(10)): string {
  let text = "";
  let time = nowMs;
  for (let i = 0; i < 10; i += 1) {
    text = CROCKFORD[time % 32] + text;
    time = Math.floor(time / 32);
  }
  let bits = 0;
  let held = 0;
  for (const byte of random.subarray(0, 10)) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += CROCKFORD[(held >> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return text;
}

/** A prefixed id for a new thing: `newId("mer", now)` gives `mer_01J…`. */
export function newId(prefix: string, nowMs: number): string {
  return `${prefix}_${ulid(nowMs)}`;
}

/** 32 hex digits of SHA-256 over the parts as JSON, so that `["a","b"]` and `["ab"]` differ. */
export function contentId(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
