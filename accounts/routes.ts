// The doors for people: sign in by link, sign out.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import type { Secrets } from "../core/settings.ts";
import { appendAudit } from "../stores/audit-log.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { endSession } from "../stores/sessions.ts";
import { type Authenticator, actorOf, type Caller } from "./authenticate.ts";
import { checkCsrf } from "./csrf.ts";
import { safeNext } from "./guard.ts";
import { cookieName, SESSION_LIFE_MS } from "./session.ts";
import { spendLink } from "./sign-in-link.ts";
import { howToPage, linkPage, SIGN_IN_STYLE, signedOutPage } from "./sign-in-pages.ts";
import { countTries, type Tries } from "./tries.ts";

export type AccountRoutesDeps = {
  db: Postgres;
  secrets: Secrets;
  publicUrl: string;
  now: () => number;
  authenticator: Authenticator;
};

const TRIES = 20;
const TRIES_WITHIN_MS = 3_600_000;

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

const Asked = z.object({ token: z.string().max(200).optional(), next: z.string().optional() });
const Posted = z.object({ token: z.string().max(200), next: z.string().optional() });

/** `GET /sign-in` shows a button or how to get a link; `POST /sign-in` spends the link; `POST /sign-out` needs the form token `csrf`. */
export function registerAccountRoutes(app: FastifyInstance, deps: AccountRoutesDeps): void {
  const tries = countTries(TRIES, TRIES_WITHIN_MS);
  const schema = { hide: true };
  app.get("/sign-in.css", { schema }, (_request, reply) =>
    reply.header("cache-control", "public, max-age=3600").type("text/css").send(SIGN_IN_STYLE),
  );
  app.get("/sign-in", { schema }, (request, reply) => {
    const asked = Asked.safeParse(request.query);
    const token = asked.data?.token;
    if (token === undefined) return sendPage(reply, howToPage());
    if (!TOKEN.test(token)) return sendPage(reply.code(403), howToPage(LINK_PROBLEM));
    return sendPage(reply, linkPage(token, safeNext(asked.data?.next)));
  });
  app.post("/sign-in", { schema }, (request, reply) => signIn(deps, tries, request, reply));
  app.get("/signed-out", { schema }, (_request, reply) => sendPage(reply, signedOutPage()));
  app.post("/sign-out", { schema }, (request, reply) => signOut(deps, request, reply));
}

const LINK_PROBLEM = "It is wrong, was used already, or is over an hour old.";

async function signIn(
  deps: AccountRoutesDeps,
  tries: Tries,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  refuseOtherSites(request);
  const posted = Posted.safeParse(request.body);
  if (!posted.success) throw new AppError("REQUEST_INVALID", "The form lacks its token.");
  const nowMs = deps.now();
  const may = tries.mayTry(request.ip, nowMs);
  if (!may.ok) {
    reply.header("retry-after", String(may.retryAfterS));
    return sendPage(reply.code(429), howToPage("Too many tries from this address. Wait an hour."));
  }
  try {
    const session = await spendLink(deps.db, posted.data.token, request.ip, nowMs);
    setSessionCookie(deps, reply, session.token, SESSION_LIFE_MS / 1000);
    return reply.header("cache-control", "no-store").redirect(safeNext(posted.data.next), 303);
  } catch (fault) {
    if (!(fault instanceof AppError) || fault.code !== "LINK_INVALID") throw fault;
    tries.failed(request.ip, nowMs);
    return sendPage(reply.code(403), howToPage(LINK_PROBLEM));
  }
}

async function signOut(
  deps: AccountRoutesDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const caller = await deps.authenticator.authenticate({
    headers: { cookie: request.headers.cookie },
  });
  if (caller?.kind === "session") {
    const body = z.object({ csrf: z.string().max(200) }).safeParse(request.body);
    if (!checkCsrf(caller, body.data?.csrf, deps.secrets.SESSION_KEY)) {
      throw new AppError(
        "FORBIDDEN",
        "The form is too old; go back, reload the page and try again.",
      );
    }
    await endAndAudit(deps, caller, request.ip);
  }
  setSessionCookie(deps, reply, "", 0);
  return reply.header("cache-control", "no-store").redirect("/signed-out", 303);
}

async function endAndAudit(
  deps: AccountRoutesDeps,
  caller: Extract<Caller, { kind: "session" }>,
  address: string,
): Promise<void> {
  const at = deps.now();
  await deps.db.transaction().execute(async (trx) => {
    await endSession(trx, caller.sessionId, at);
    await appendAudit(trx, {
      merchant_id: null,
      actor: actorOf(caller),
      act: "sign_out",
      subject: `session:${caller.sessionId}`,
      at,
      address,
      details: {},
    });
  });
}

/** A form of another site may carry a link of its maker, to sign a person in as somebody else. Browsers say where a form came from. */
function refuseOtherSites(request: FastifyRequest): void {
  if (request.headers["sec-fetch-site"] === "cross-site") {
    throw new AppError("FORBIDDEN", "This form came from another site.");
  }
}

function setSessionCookie(
  deps: AccountRoutesDeps,
  reply: FastifyReply,
  token: string,
  maxAgeS: number,
): void {
  const name = cookieName(deps.publicUrl);
  const secure = deps.publicUrl.startsWith("https:") ? "; Secure" : "";
  reply.header(
    "set-cookie",
    `${name}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${secure}`,
  );
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.header("cache-control", "no-store").type("text/html; charset=utf-8").send(page);
}
