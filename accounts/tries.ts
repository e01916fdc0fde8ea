// Counts failed tries per address, so that guessing stops being cheap.
import ipaddr from "ipaddr.js";

export type Tries = {
  /** Whether this address may try again, and if not, when. */
  mayTry(address: string, nowMs: number): { ok: true } | { ok: false; retryAfterS: number };
  failed(address: string, nowMs: number): void;
};

const MOST_ADDRESSES = 50_000;

/** At most `limit` failures per address within `windowMs` of the first. One IPv6 /64 counts as one address. */
export function countTries(limit: number, windowMs: number): Tries {
  const counts = new Map<string, { failures: number; since: number }>();
  return {
    mayTry(address, nowMs) {
      const count = counts.get(network(address));
      if (
        count === undefined ||
        Math.abs(nowMs - count.since) >= windowMs ||
        count.failures < limit
      ) {
        return { ok: true };
      }
      return { ok: false, retryAfterS: Math.ceil((count.since + windowMs - nowMs) / 1000) };
    },
    failed(address, nowMs) {
      const key = network(address);
      const count = counts.get(key);
      if (count !== undefined && Math.abs(nowMs - count.since) < windowMs) {
        count.failures += 1;
        return;
      }
      if (counts.size >= MOST_ADDRESSES) forgetOldest(counts);
      counts.delete(key);
      counts.set(key, { failures: 1, since: nowMs });
    },
  };
}

function forgetOldest(counts: Map<string, unknown>): void {
  const [oldest] = counts.keys();
  if (oldest !== undefined) counts.delete(oldest);
}

function network(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return parsed.toByteArray().slice(0, 8).join(".");
}
