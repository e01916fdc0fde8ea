// The doors behind the buttons of a mail: GET asks, POST acts once; no sign-in, and nothing beyond that one alert.
import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { countTries, type Tries } from "../../accounts/tries.ts";
import type { Alert, AlertAct } from "../../core/alert.ts";
import { tellAlert } from "../../core/alert-story.ts";
import { AppError } from "../../core/errors.ts";
import { type MailAct, MOST_LINK_SNOOZE_HOURS } from "../../core/mail-link.ts";
import type { Merchant } from "../../core/merchant.ts";
import type { Secrets } from "../../core/settings.ts";
import { readAlertForUpdate } from "../../stores/alerts.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { turnDigestOff } from "../../stores/digests.ts";
import { spendMailLink } from "../../stores/mail-links.ts";
import { readNames } from "../../stores/names.ts";
import { actOnAlert } from "../act.ts";
import {
  confirmPage,
  deadLinkPage,
  donePage,
  LINK_STYLE,
  tooLatePage,
  tooManyPage,
  unsubscribedPage,
  unsubscribePage,
} from "./link-pages.ts";
import { type OpenedLink, openLink, openUnsubscribe } from "./open-link.ts";

export type LinkRoutesDeps = {
  db: Postgres;
  secrets: Pick<Secrets, "LINK_KEY">;
  publicUrl: string;
  now: () => number;
};

type Asked = { request: FastifyRequest; reply: FastifyReply };

/** Links that did not work, from one address. */
const TRIES = 20;
const TRIES_WITHIN_MS = 3_600_000;

const HOUR_MS = 3_600_000;
const Params = z.object({ token: z.string().max(200) });
const SnoozeForm = z.object({ hours: z.coerce.number().int().min(1).max(MOST_LINK_SNOOZE_HOURS) });

/** `GET /m/:token` shows a question and changes nothing; `POST /m/:token` acts and spends the link. */
export function registerLinkRoutes(app: FastifyInstance, deps: LinkRoutesDeps): void {
  const tries = countTries(TRIES, TRIES_WITHIN_MS);
  const options = { schema: { hide: true } };
  app.get("/m.css", options, (_request, reply) =>
    reply.header("cache-control", "public, max-age=3600").type("text/css").send(LINK_STYLE),
  );
  app.get("/m/:token", options, (request, reply) => ask(deps, tries, { request, reply }));
  app.register(async (scope) => {
    // Mail programs may send one click as multipart (RFC 8058 §3.1); its words are fixed, so they are not read.
    const shape = { parseAs: "string", bodyLimit: 65_536 } as const;
    scope.addContentTypeParser("multipart/form-data", shape, (_request, _body, done) => done(null));
    scope.post("/m/:token", options, (request, reply) => act(deps, tries, { request, reply }));
  });
}

async function ask(
  { db, secrets, publicUrl, now }: LinkRoutesDeps,
  tries: Tries,
  { request, reply }: Asked,
): Promise<FastifyReply> {
  const at = now();
  if (tooMany(tries, { request, reply }, at))
    return send(reply, tooManyPage(readerLanguage(request)));
  const { token } = Params.parse(request.params);
  const opened = await openLink({ db, linkKey: secrets.LINK_KEY }, token, at);
  if (opened === undefined) {
    const digest = await openUnsubscribe({ db, linkKey: secrets.LINK_KEY }, token, at);
    if (digest !== undefined)
      return send(reply, unsubscribePage(digest.merchant.language, digest.merchant.name));
    tries.failed(request.ip, at);
    return send(reply.code(403), deadLinkPage(readerLanguage(request), publicUrl));
  }
  const { link, alert, merchant } = opened;
  const { names } = await readNames(db, merchant.id);
  const { headline, level } = tellAlert(alert, names, undefined);
  const { language, name } = merchant;
  const view = { language, act: link.act as MailAct, headline, level, merchant: name };
  return send(reply, confirmPage(view));
}

async function act(deps: LinkRoutesDeps, tries: Tries, asked: Asked): Promise<FastifyReply> {
  const { request, reply } = asked;
  const at = deps.now();
  if (tooMany(tries, asked, at)) return send(reply, tooManyPage(readerLanguage(request)));
  const { token } = Params.parse(request.params);
  const gone = await unsubscribe(deps, { token, address: request.ip, at });
  if (gone !== undefined) return send(reply, unsubscribedPage(gone.language));
  try {
    const done = await spend(deps, { token, body: request.body, address: request.ip, at });
    if (done !== undefined) {
      const { merchant, link, alert } = done;
      const to = alertAddress(deps, alert);
      return send(reply, donePage(merchant.language, link.act as MailAct, to));
    }
  } catch (fault) {
    if (!(fault instanceof AppError) || fault.code !== "CONFLICT") throw fault;
    const opened = await openLink({ db: deps.db, linkKey: deps.secrets.LINK_KEY }, token, at);
    if (opened !== undefined) {
      const { alert, merchant } = opened;
      const page = tooLatePage(merchant.language, alert.state, alertAddress(deps, alert));
      return send(reply.code(409), page);
    }
  }
  tries.failed(request.ip, at);
  await noteRefusal(deps.db, token, { address: request.ip, at });
  return send(reply.code(403), deadLinkPage(readerLanguage(request), deps.publicUrl));
}

/** Spends the link and acts in one transaction; undefined when it does not work (any more). */
async function spend(
  { db, secrets }: LinkRoutesDeps,
  { token, body, address, at }: { token: string; body: unknown; address: string; at: number },
): Promise<OpenedLink | undefined> {
  return await db.transaction().execute(async (trx) => {
    const opened = await openLink({ db: trx, linkKey: secrets.LINK_KEY }, token, at);
    if (opened === undefined) return undefined;
    const { link } = opened;
    // Looked at again under lock: of two opposite verdicts at once, the second must find the alert closed.
    const alert = await readAlertForUpdate(trx, link.merchant_id, opened.alert.id);
    if (alert === undefined || alert.state === "resolved") return undefined;
    const what = actOf(link.act as MailAct, body, at);
    if (!(await spendMailLink(trx, link, { address, at }))) return undefined;
    const on = { merchantId: alert.merchant_id, alertId: alert.id };
    // Who holds the mail cannot be seen, only whom it was sent to.
    const by = { actor: `link:${link.recipient}`, address, at };
    await actOnAlert(trx, on, what, by);
    return opened;
  });
}

/** One click. Pressed again it says the same, so that no mail program shows a fault. Out: whose digests, when it was such a link. */
async function unsubscribe(
  { db, secrets }: LinkRoutesDeps,
  { token, address, at }: { token: string; address: string; at: number },
): Promise<Merchant | undefined> {
  return await db.transaction().execute(async (trx) => {
    const opened = await openUnsubscribe({ db: trx, linkKey: secrets.LINK_KEY }, token, at);
    if (opened === undefined) return undefined;
    const { merchant_id, recipient } = opened.link;
    if (!(await spendMailLink(trx, opened.link, { address, at }))) return opened.merchant;
    await turnDigestOff(trx, merchant_id, recipient, at);
    const entry = { merchant_id, actor: `link:${recipient}`, act: "digest.off" };
    await appendAudit(trx, { ...entry, subject: `mail:${recipient}`, at, address, details: {} });
    return opened.merchant;
  });
}

function actOf(act: MailAct, body: unknown, at: number): AlertAct {
  switch (act) {
    case "acknowledge":
      return { act: "acknowledge" };
    case "fraud":
    case "not_fraud":
      return { act: "resolve", label: act, reason: null };
    case "snooze": {
      const form = SnoozeForm.safeParse(body ?? {});
      if (!form.success) {
        throw new AppError("REQUEST_INVALID", "A snooze by mail lasts 1 to 168 hours.");
      }
      const until = at + form.data.hours * HOUR_MS;
      return { act: "snooze", until, reason: "By the link in the mail." };
    }
  }
}

/** Of a link that does not work nothing is known but who asks. */
function readerLanguage(request: FastifyRequest): string {
  return /^[a-z]{2,3}/i.exec(request.headers["accept-language"] ?? "")?.[0] ?? "en";
}

function alertAddress({ publicUrl }: LinkRoutesDeps, alert: Alert): string {
  return `${publicUrl}/alerts/${encodeURIComponent(alert.id)}`;
}

function tooMany(tries: Tries, { request, reply }: Asked, at: number): boolean {
  const may = tries.mayTry(request.ip, at);
  if (!may.ok) reply.code(429).header("retry-after", String(may.retryAfterS));
  return !may.ok;
}

/** Names the token by a hash: what was tried can be compared, and not used. */
async function noteRefusal(
  db: Postgres,
  token: string,
  { address, at }: { address: string; at: number },
): Promise<void> {
  const name = `link:${createHash("sha256").update(token).digest("hex").slice(0, 12)}`;
  const entry = { merchant_id: null, actor: name, act: "mail_link.refused", subject: name };
  await appendAudit(db, { ...entry, at, address, details: {} });
}

function send(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .header("cache-control", "no-store")
    .header("referrer-policy", "no-referrer")
    .header("x-robots-tag", "noindex")
    .type("text/html; charset=utf-8")
    .send(page);
}
