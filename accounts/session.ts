// Signed-in browsers: a random cookie, kept as a hash; ends after an hour without use, and after twelve hours in any case.
import { randomBytes } from "node:crypto";
import { newId } from "../core/ids.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { addSession, findSession, touchSession } from "../stores/sessions.ts";
import { hashToken } from "./api-key.ts";

export const SESSION_LIFE_MS = 12 * 3_600_000;
export const SESSION_IDLE_MS = 3_600_000;

const TOUCH_EVERY_MS = 60_000;

/** `token` goes into the cookie and nowhere else. */
export type NewSession = { sessionId: string; token: string; expiresAt: number };

/**
 * The cookie's name. Under https the browser itself holds it to this host and to https; on http://localhost not every
 * browser keeps such a cookie, so there it has a plain name.
 */
export function cookieName(publicUrl: string): string {
  return publicUrl.startsWith("https:") ? "__Host-tillwatch" : "tillwatch";
}

export async function startSession(
  db: Postgres,
  of: { accountId: string; address: string | null },
  nowMs: number,
): Promise<NewSession> {
  const token = randomBytes(32).toString("base64url");
  const id = newId("ses", nowMs);
  const expiresAt = nowMs + SESSION_LIFE_MS;
  await addSession(db, {
    id,
    hash: hashToken(token),
    account_id: of.accountId,
    created_at: nowMs,
    last_seen_at: nowMs,
    expires_at: expiresAt,
    address: of.address,
  });
  return { sessionId: id, token, expiresAt };
}

/** The session of a cookie, or undefined where there is none, it ended, or it lay idle too long. Notes its use. */
export async function resumeSession(
  db: Postgres,
  token: string,
  nowMs: number,
): Promise<{ sessionId: string; accountId: string } | undefined> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
  const session = await findSession(db, hashToken(token));
  if (session === undefined || session.ended_at !== null || session.expires_at <= nowMs) {
    return undefined;
  }
  if (nowMs - session.last_seen_at >= SESSION_IDLE_MS) return undefined;
  if (nowMs - session.last_seen_at >= TOUCH_EVERY_MS) await touchSession(db, session.id, nowMs);
  return { sessionId: session.id, accountId: session.account_id };
}
