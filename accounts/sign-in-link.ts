// One way in for the owner, before there are accounts: a link that works once, within an hour.
import { randomBytes } from "node:crypto";
import { AppError } from "../core/errors.ts";
import { appendAudit } from "../stores/audit-log.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { addSignInLink, forgetOldSessions, takeSignInLink } from "../stores/sessions.ts";
import { hashToken } from "./api-key.ts";
import { type NewSession, startSession } from "./session.ts";

export const LINK_LIFE_MS = 3_600_000;

/** The account that a link signs in, until people have their own. */
const OWNER = "owner";

/**
 * Makes a link. `url` holds 256 random bits: print it for the person who asked, and never log it.
 * In: publicUrl without a trailing slash; actor, who asked (`cli`, `service`).
 */
export async function makeLink(
  db: Postgres,
  of: { publicUrl: string; actor: string },
  nowMs: number,
): Promise<{ url: string; expiresAt: number }> {
  const token = randomBytes(32).toString("base64url");
  const hash = hashToken(token);
  const expiresAt = nowMs + LINK_LIFE_MS;
  await db.transaction().execute(async (trx) => {
    await addSignInLink(trx, { hash, account_id: OWNER, created_at: nowMs, expires_at: expiresAt });
    await appendAudit(trx, {
      merchant_id: null,
      actor: of.actor,
      act: "link.make",
      subject: linkName(hash),
      at: nowMs,
      address: null,
      details: { expires_at: expiresAt },
    });
  });
  await forgetOldSessions(db, nowMs);
  return { url: `${of.publicUrl}/sign-in?token=${token}`, expiresAt };
}

/**
 * Spends a link and starts a session. Throws LINK_INVALID, with the same words whether the link is unknown, spent or
 * expired; the refusal is audited.
 */
export async function spendLink(
  db: Postgres,
  token: string,
  address: string | null,
  nowMs: number,
): Promise<NewSession> {
  const hash = hashToken(token);
  const entry = { merchant_id: null, subject: linkName(hash), at: nowMs, address };
  const session = await db.transaction().execute(async (trx) => {
    const accountId = await takeSignInLink(trx, hash, nowMs);
    if (accountId === undefined) return undefined;
    const started = await startSession(trx, { accountId, address }, nowMs);
    await appendAudit(trx, {
      ...entry,
      actor: `account:${accountId}`,
      act: "sign_in",
      details: { session: started.sessionId },
    });
    return started;
  });
  if (session !== undefined) return session;
  await appendAudit(db, {
    ...entry,
    actor: linkName(hash),
    act: "sign_in.refused",
    details: {},
  });
  throw new AppError(
    "LINK_INVALID",
    "This link is wrong, was used already, or is over an hour old.",
  );
}

/** Names a link in the audit log without giving it away. */
function linkName(hash: string): string {
  return `link:${hash.slice(0, 12)}`;
}
