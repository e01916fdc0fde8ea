// Who is asking, and what may they reach?
import type { Secrets } from "../core/settings.ts";
import { type ApiKeyRow, findApiKey, touchApiKey } from "../stores/api-keys.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { isScope, parseApiKey, type Scope, sameHash } from "./api-key.ts";
import { cookieName, resumeSession } from "./session.ts";

export type { Scope };

export type Caller =
  | { kind: "api_key"; keyId: string; merchantId: string; scopes: Scope[] }
  | { kind: "session"; sessionId: string; accountId: "owner"; merchantIds: "all" };

type Asking = {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed cookies, where the server has parsed them. */
  cookies?: Readonly<Record<string, string | undefined>>;
};

export type Authenticator = {
  /** The caller, or undefined. A request that sends an `Authorization` header is judged by that alone. */
  authenticate(request: Asking): Promise<Caller | undefined>;
  /** Drops remembered keys, after a change. */
  forget(): void;
};

type AuthenticatorDeps = {
  db: Postgres;
  secrets: Secrets;
  now: () => number;
  /** Settles the cookie's name; http://localhost when left out. */
  publicUrl?: string;
};

/** How long a checked key is remembered; a revoked one is forgotten at once by `forget`. */
const REMEMBERED_MS = 30_000;
const MOST_REMEMBERED = 10_000;
const TOUCH_EVERY_MS = 60_000;

type Remembered = { row: ApiKeyRow | undefined; at: number; touchedAt: number };

export function makeAuthenticator(deps: AuthenticatorDeps): Authenticator {
  // Replaced, not emptied: a look-up that is under way when a key is revoked fills the old map.
  let remembered = new Map<string, Remembered>();
  const cookie = cookieName(deps.publicUrl ?? "http://localhost");
  return {
    async authenticate({ headers, cookies }) {
      const authorization = headers.authorization;
      if (authorization !== undefined) {
        return typeof authorization === "string"
          ? callerOfKey(deps, remembered, authorization)
          : undefined;
      }
      const token = cookies === undefined ? readCookie(headers.cookie, cookie) : cookies[cookie];
      return token === undefined ? undefined : callerOfSession(deps, token);
    },
    forget() {
      remembered = new Map();
    },
  };
}

async function callerOfKey(
  deps: AuthenticatorDeps,
  remembered: Map<string, Remembered>,
  authorization: string,
): Promise<Caller | undefined> {
  const text = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  const given = text === undefined ? undefined : parseApiKey(text);
  if (given === undefined) return undefined;
  const nowMs = deps.now();
  const known = await look(deps.db, remembered, given.keyId, nowMs);
  const { row } = known;
  if (row === undefined || !sameHash(row.hash, given.hash)) return undefined;
  if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= nowMs)) {
    return undefined;
  }
  if (nowMs - known.touchedAt >= TOUCH_EVERY_MS) {
    known.touchedAt = nowMs;
    await touchApiKey(deps.db, row.merchant_id, row.id, nowMs);
  }
  const scopes = row.scopes.filter(isScope);
  return { kind: "api_key", keyId: row.id, merchantId: row.merchant_id, scopes };
}

/** Unknown keys are remembered as well, so that guessing them does not reach the database each time. */
async function look(
  db: Postgres,
  remembered: Map<string, Remembered>,
  keyId: string,
  nowMs: number,
): Promise<Remembered> {
  const known = remembered.get(keyId);
  // Either way: where the clock was set back, what was read "later" is not believed for longer.
  if (known !== undefined && Math.abs(nowMs - known.at) < REMEMBERED_MS) return known;
  const row = await findApiKey(db, keyId);
  const touchedAt = Math.max(known?.touchedAt ?? 0, row?.last_used_at ?? 0);
  const fresh = { row, at: nowMs, touchedAt };
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(keyId, fresh);
  return fresh;
}

async function callerOfSession(
  deps: AuthenticatorDeps,
  token: string,
): Promise<Caller | undefined> {
  const session = await resumeSession(deps.db, token, deps.now());
  if (session === undefined || session.accountId !== "owner") return undefined;
  return {
    kind: "session",
    sessionId: session.sessionId,
    accountId: session.accountId,
    merchantIds: "all",
  };
}

function readCookie(header: string | string[] | undefined, name: string): string | undefined {
  const text = Array.isArray(header) ? header.join("; ") : (header ?? "");
  for (const part of text.split(";")) {
    const cut = part.indexOf("=");
    if (cut > 0 && part.slice(0, cut).trim() === name) return part.slice(cut + 1).trim();
  }
  return undefined;
}

/** Whether the caller may use that right on that merchant. */
export function mayReach(caller: Caller, merchantId: string, scope: Scope): boolean {
  if (caller.kind === "session") return true;
  return caller.merchantId === merchantId && caller.scopes.includes(scope);
}

/** How the caller stands in the audit log. */
export function actorOf(caller: Caller): string {
  return caller.kind === "api_key" ? `api_key:${caller.keyId}` : `account:${caller.accountId}`;
}
