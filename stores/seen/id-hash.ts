// A 104-bit hash of a merchant's event id: at five million ids a chance hit comes once in 10^24 events.
import { randomBytes } from "node:crypto";

/** `shard` 0-255 and three words; reused by the caller, so copy what must stay. */
export type IdHash = { shard: number; a: number; b: number; c: number };
export type Hasher = (merchantId: string, eventId: string, into: IdHash) => void;

/**
 * Seeded anew at each start, so that nobody can prepare ids that collide with another merchant's.
 * Source: the public-domain cyrb128, four interleaved multiply-xor lanes over the text's code units.
 */
export function makeHasher(seed: Uint8Array = randomBytes(16)): Hasher {
  const seeds = new DataView(seed.buffer, seed.byteOffset, 16);
  const [s1, s2, s3, s4] = [0, 4, 8, 12].map((at) => seeds.getUint32(at)) as [
    number,
    number,
    number,
    number,
  ];
  return (merchantId, eventId, into) => {
    let h1 = s1 ^ 1779033703;
    let h2 = s2 ^ 3144134277;
    let h3 = s3 ^ 1013904242;
    let h4 = s4 ^ 2773480762;
    const text = `${merchantId}\n${eventId}`;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      h1 = h2 ^ Math.imul(h1 ^ unit, 597399067);
      h2 = h3 ^ Math.imul(h2 ^ unit, 2869860233);
      h3 = h4 ^ Math.imul(h3 ^ unit, 951274213);
      h4 = h1 ^ Math.imul(h4 ^ unit, 2716044179);
    }
    h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
    h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
    h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
    h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
    into.a = (h1 ^ h2 ^ h3 ^ h4) >>> 0;
    into.b = (h2 ^ h1) >>> 0;
    into.c = (h3 ^ h1) >>> 0;
    into.shard = ((h4 ^ h1) >>> 0) & 255;
  };
}
