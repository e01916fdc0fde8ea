// Sign-in links and browser sessions, as hashes.
import type { Postgres } from "./connect/postgres.ts";

/** How long rows are kept past their time, for the audit log's readers. */
const KEPT_MS = 30 * 86_400_000;

export type SignInLink = {
  hash: string;
  account_id: string;
  created_at: number;
  expires_at: number;
};

export type Session = {
  id: string;
  account_id: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  ended_at: number | null;
};

export async function addSignInLink(db: Postgres, link: SignInLink): Promise<void> {
  await db
    .insertInto("sign_in_link")
    .values({ ...link, spent_at: null })
    .execute();
}

/**
 * Spends a link: one statement, so that of two who come at once one gets it. Gives the account, or undefined where the
 * link is unknown, spent or expired.
 */
export async function takeSignInLink(
  db: Postgres,
  hash: string,
  nowMs: number,
): Promise<string | undefined> {
  const row = await db
    .updateTable("sign_in_link")
    .set({ spent_at: nowMs })
    .where("hash", "=", hash)
    .where("spent_at", "is", null)
    .where("expires_at", ">", nowMs)
    .returning("account_id")
    .executeTakeFirst();
  return row?.account_id;
}

export async function addSession(
  db: Postgres,
  session: Omit<Session, "ended_at"> & { hash: string; address: string | null },
): Promise<void> {
  await db
    .insertInto("session")
    .values({ ...session, ended_at: null })
    .execute();
}

/** By the hash of the cookie's token; ended and expired ones are given too. */
export async function findSession(db: Postgres, hash: string): Promise<Session | undefined> {
  return db
    .selectFrom("session")
    .select(["id", "account_id", "created_at", "last_seen_at", "expires_at", "ended_at"])
    .where("hash", "=", hash)
    .executeTakeFirst();
}

/** Notes that a session was used. Call it at most once a minute per session. */
export async function touchSession(db: Postgres, id: string, nowMs: number): Promise<void> {
  await db.updateTable("session").set({ last_seen_at: nowMs }).where("id", "=", id).execute();
}

export async function endSession(db: Postgres, id: string, nowMs: number): Promise<void> {
  await db
    .updateTable("session")
    .set({ ended_at: nowMs })
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .execute();
}

/** Deletes links and sessions that ended long ago. */
export async function forgetOldSessions(db: Postgres, nowMs: number): Promise<void> {
  await db
    .deleteFrom("session")
    .where("expires_at", "<", nowMs - KEPT_MS)
    .execute();
  await db
    .deleteFrom("sign_in_link")
    .where("expires_at", "<", nowMs - KEPT_MS)
    .execute();
}
