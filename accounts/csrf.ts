// Form tokens: a page of ours can post with a person's cookie, a page of somebody else cannot.
import { createHmac } from "node:crypto";
import { sameText } from "./api-key.ts";
import type { Caller } from "./authenticate.ts";

/** The token to put into each form, as the hidden field `csrf`. Bound to the session: useless in another. */
export function csrfToken(session: { sessionId: string }, sessionKey: string): string {
  return createHmac("sha256", sessionKey).update(`csrf\0${session.sessionId}`).digest("base64url");
}

/** Whether a request that changes something may go on. API keys need no token, since no browser adds them by itself. */
export function checkCsrf(caller: Caller, token: unknown, sessionKey: string): boolean {
  if (caller.kind === "api_key") return true;
  return typeof token === "string" && sameText(token, csrfToken(caller, sessionKey));
}
