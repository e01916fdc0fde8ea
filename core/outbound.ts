// Decides whether the service may connect to an address that somebody typed: never to its own network's inside.
import ipaddr from "ipaddr.js";

/** `loopback`: this machine may be reached too, also over plain http. For tests and for receivers on the same machine. */
export type OutboundRules = { loopback: boolean };

export type UrlVerdict = { ok: true; url: URL } | { ok: false; why: string };

const LONGEST = 2000;
const LOOPBACK_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** In: an address as typed. Out: the URL, or why it may not be used. Whether its name leads inside is only known at connecting. */
export function judgeUrl(text: string, rules: OutboundRules): UrlVerdict {
  if (text.length > LONGEST || !URL.canParse(text)) {
    return { ok: false, why: "is not a full address such as https://example.com/hook" };
  }
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    return { ok: false, why: "must not hold a user or password: give them as the secret" };
  }
  const here = rules.loopback && LOOPBACK_NAMES.has(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && here)) {
    return { ok: false, why: "must begin with https://" };
  }
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(literal) && !mayConnect(literal, rules)) {
    return { ok: false, why: "leads into a private network" };
  }
  return { ok: true, url };
}

/** Whether an IP address is out in the internet (or this machine, where the rules allow it). */
export function mayConnect(address: string, rules: OutboundRules): boolean {
  // A zone id such as fe80::1%eth0 only exists on local links.
  if (!ipaddr.isValid(address) || address.includes("%")) return false;
  // IPv4 addresses that are written as IPv6 ones are judged as what they are.
  const range = ipaddr.process(address).range();
  return range === "unicast" || (range === "loopback" && rules.loopback);
}
