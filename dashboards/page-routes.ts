// Answers with a page: who asks, the frame round the content, and faults in words instead of JSON.
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Authenticator } from "../accounts/authenticate.ts";
import { csrfToken } from "../accounts/csrf.ts";
import { pageCaller, type SessionCaller } from "../accounts/guard.ts";
import type { Advise } from "../core/advice.ts";
import { type ActOnAlert, isWaiting } from "../core/alert.ts";
import { AppError } from "../core/errors.ts";
import type { ExplainAlert } from "../core/explanation.ts";
import { type Html, html } from "../core/html.ts";
import type { Log } from "../core/log.ts";
import type { Secrets } from "../core/settings.ts";
import { countAlerts } from "../stores/alerts.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { type Frame, layout } from "./pages/layout.ts";

export type PageDeps = {
  db: Postgres;
  ch: Pick<ClickHouse, "query">;
  secrets: Pick<Secrets, "SESSION_KEY">;
  authenticator: Authenticator;
  /** From `alerts/act.ts`. */
  act: ActOnAlert;
  advise: Advise;
  /** From `detectors/explain.ts`. */
  explain: ExplainAlert;
  publicUrl: string;
  now: () => number;
  log: Log;
};

/** With the address of the stylesheet, which `registerPageRoutes` makes. */
export type AnswerDeps = PageDeps & { stylesheet: string };

export type Page = Pick<Frame, "title" | "here" | "refreshS"> & { body: Html };

type Handler = (
  request: FastifyRequest,
  reply: FastifyReply,
  caller: SessionCaller,
) => Promise<Page | FastifyReply>;

/** Makes a route's handler of one that gives a page, or has sent something else itself (a redirect). */
export function answerWith(deps: AnswerDeps, handler: Handler) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const caller = await pageCaller(deps.authenticator, request, reply);
    if (caller === undefined) return reply;
    try {
      const answer = await handler(request, reply, caller);
      return isPage(answer) ? await send(deps, reply, { page: answer, caller }) : answer;
    } catch (fault) {
      if (!(fault instanceof AppError) || fault.status >= 500) throw fault;
      const page = faultPage(fault);
      return await send(deps, reply.code(fault.status), { page, caller });
    }
  };
}

function isPage(answer: Page | FastifyReply): answer is Page {
  return "body" in answer;
}

async function send(
  { db, secrets, stylesheet, now }: AnswerDeps,
  reply: FastifyReply,
  { page, caller }: { page: Page; caller: SessionCaller },
): Promise<FastifyReply> {
  const counts = await countAlerts(db, "*", now());
  const open = counts.filter((row) => isWaiting(row.state) && row.level !== "informational");
  const openAlerts = open.reduce((sum, row) => sum + row.count, 0);
  const csrf = csrfToken(caller, secrets.SESSION_KEY);
  return reply
    .header("cache-control", "no-store")
    .type("text/html; charset=utf-8")
    .send(layout({ ...page, openAlerts, csrf, stylesheet }, page.body));
}

function faultPage(fault: AppError): Page {
  const title = fault.code === "NOT_FOUND" ? "There is nothing here" : "That did not work";
  return {
    title,
    here: null,
    body: html`<div class="card empty"><h1>${title}</h1><p>${fault.message}</p><p><a href="/">To the overview</a></p></div>`,
  };
}
