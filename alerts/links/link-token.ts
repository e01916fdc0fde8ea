// The token of a link in a mail: a random name and a signature over everything that the link may do.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { MailLink } from "../../core/mail-link.ts";

/** What the signature covers: the row, but for whether it was spent. */
type Signed = Omit<MailLink, "created_at" | "spent_at" | "spent_address">;

/** Begins every token, so that logs can cut it out. */
const PREFIX = "ml_";
const SHAPE = /^ml_([0-9a-f]{8})([0-9a-f]{32})([A-Za-z0-9_-]{43})$/;

/** `ml_`, the key's name, the link's name, HMAC-SHA-256. No address and no alert can be read from it. */
export function linkToken(linkKey: string, link: Signed): string {
  return `${PREFIX}${keyName(linkKey)}${link.id}${sign(linkKey, link)}`;
}

/** The name of the link that a token speaks of, or undefined when it is none of ours by its looks. */
export function linkIdOf(token: string): string | undefined {
  return SHAPE.exec(token)?.[2];
}

/** Whether the token was signed for exactly this link. In constant time. */
export function fitsLink(linkKey: string, token: string, link: Signed): boolean {
  const given = Buffer.from(token);
  const expected = Buffer.from(linkToken(linkKey, link));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Names the key without giving it away, so that links of an old key can be told from forged ones. */
function keyName(linkKey: string): string {
  return createHash("sha256").update(`tillwatch link key\0${linkKey}`).digest("hex").slice(0, 8);
}

function sign(linkKey: string, link: Signed): string {
  const { id, merchant_id, mail_id, alert_id, recipient, act, expires_at } = link;
  const facts = ["mail link", id, merchant_id, mail_id, alert_id, recipient, act, expires_at];
  return createHmac("sha256", linkKey).update(JSON.stringify(facts)).digest("base64url");
}
