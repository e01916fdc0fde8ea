// Lets a request through to a route only with a caller; pages lead a stranger to the sign-in page instead.
import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../core/errors.ts";
import { type Authenticator, type Caller, mayReach, type Scope } from "./authenticate.ts";

/** The caller of an API request. Throws UNAUTHENTICATED. */
export async function requireCaller(
  authenticator: Authenticator,
  request: FastifyRequest,
): Promise<Caller> {
  const caller = await authenticator.authenticate(request);
  if (caller !== undefined) return caller;
  throw new AppError(
    "UNAUTHENTICATED",
    "Send an API key as `Authorization: Bearer tw_…`. `npm run --silent admin -- key create` makes one.",
  );
}

/**
 * The merchant that this caller may reach with that right: the key's own, or for a signed-in person the one that they
 * ask for. Throws FORBIDDEN where the right is missing, NOT_FOUND where the merchant is not the caller's (so that
 * nobody learns which merchants there are), REQUEST_INVALID where a person names none.
 */
export function reachedMerchant(caller: Caller, scope: Scope, asked?: string): string {
  const merchantId = asked ?? (caller.kind === "api_key" ? caller.merchantId : undefined);
  if (merchantId === undefined) {
    throw new AppError("REQUEST_INVALID", "Name the merchant: `merchant_id=…`.");
  }
  if (mayReach(caller, merchantId, scope)) return merchantId;
  if (caller.kind === "api_key" && caller.merchantId === merchantId) {
    throw new AppError("FORBIDDEN", `This key lacks the scope ${scope}.`);
  }
  throw new AppError("NOT_FOUND", "There is no such merchant for this caller.");
}

export type SessionCaller = Extract<Caller, { kind: "session" }>;

/**
 * The signed-in person who asks for a page, or undefined after the answer has been sent: a redirect to the sign-in page.
 * A page asks for it first: `const caller = await pageCaller(…); if (!caller) return reply;`
 */
export async function pageCaller(
  authenticator: Authenticator,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionCaller | undefined> {
  const caller = await authenticator.authenticate({
    headers: { cookie: request.headers.cookie },
  });
  if (caller?.kind === "session") return caller;
  if (request.method !== "GET") {
    throw new AppError("UNAUTHENTICATED", "You are signed out. Sign in again and repeat this.");
  }
  await reply
    .header("cache-control", "no-store")
    .redirect(`/sign-in?next=${encodeURIComponent(request.url)}`, 303);
  return undefined;
}

/** A path of our own site to go on to, or `/`: never an address that somebody else put into a link. */
export function safeNext(next: unknown): string {
  if (typeof next !== "string" || next.length > 500) return "/";
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.startsWith("/sign-") ? next : "/";
}
