// The pages of alerts, and the forms on them.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { actorOf } from "../accounts/authenticate.ts";
import { checkCsrf, csrfToken } from "../accounts/csrf.ts";
import type { SessionCaller } from "../accounts/guard.ts";
import { ALERT_STATES, type Alert, type AlertAct, LABELS, WAITING_STATES } from "../core/alert.ts";
import { AppError } from "../core/errors.ts";
import { LEVELS } from "../core/level.ts";
import { listAlertChanges } from "../stores/alert-changes.ts";
import { listAlertLabels } from "../stores/alert-labels.ts";
import { listAlerts, readAlert } from "../stores/alerts.ts";
import { listMails } from "../stores/mails.ts";
import { listMerchants } from "../stores/merchants.ts";
import { pageReader } from "./page-reader.ts";
import type { AnswerDeps, PageDeps } from "./page-routes.ts";
import { answerWith, type Page } from "./page-routes.ts";
import { type AlertListView, alertListPage } from "./pages/alert-list-page.ts";
import { alertPage } from "./pages/alert-page.ts";

const PAGE = 20;

/** What an old or hand-made address asks for wrongly is left out, not refused. */
const Query = z.object({
  state: z.enum(ALERT_STATES).or(z.literal("")).catch(""),
  level: z.enum(LEVELS).or(z.literal("")).catch(""),
  merchant: z.string().max(64).catch(""),
  before: z
    .string()
    .regex(/^\d{1,15}\.[A-Za-z0-9_-]{1,64}$/)
    .optional()
    .catch(undefined),
});
const Params = z.object({ id: z.string().max(64) });
const reason = z.string().max(2000, "The reason is too long.");
const HOUR_MS = 3_600_000;

/** What each form holds, and the act that it asks for. */
const FORMS = {
  acknowledge: () => ({ act: "acknowledge" }),
  start: () => ({ act: "start" }),
  resolve: (body) => {
    const choice = z.enum(LABELS, { error: "Choose what it was: fraud, not fraud or unsure." });
    const form = read(z.object({ label: choice, reason: reason.optional() }), body);
    return { act: "resolve", label: form.label, reason: form.reason ?? null };
  },
  reopen: (body) => {
    const form = read(z.object({ reason: reason.optional() }), body);
    return { act: "reopen", reason: form.reason ?? null };
  },
  snooze: (body, now) => {
    const why = reason.trim().min(1, "Say why it may stay quiet.");
    const hours = z.coerce.number({ error: "Choose how long." }).int().min(1).max(720);
    const form = read(z.object({ hours, reason: why }), body);
    return { act: "snooze", until: now + form.hours * HOUR_MS, reason: form.reason };
  },
} as const satisfies Record<AlertAct["act"], (body: unknown, now: number) => AlertAct>;

const SAID: Readonly<Record<string, string>> = {
  acknowledge: "Noted: you are looking at it.",
  start: "Noted: you work on it.",
  resolve: "Resolved. Thank you: your verdict makes the next alerts better.",
  reopen: "Open again.",
  snooze: "Snoozed. More of the same is counted in silence until then, unless it gets worse.",
  conflict: "Somebody was faster: this is how it stands now.",
};

export function registerAlertPages(app: FastifyInstance, deps: AnswerDeps): void {
  const options = { schema: { hide: true } };
  app.get(
    "/alerts",
    options,
    answerWith(deps, (request) => list(deps, request)),
  );
  app.get(
    "/alerts/:id",
    options,
    answerWith(deps, (request, _reply, caller) => one(deps, request, caller)),
  );
  for (const [name, ask] of Object.entries(FORMS)) {
    app.post(
      `/alerts/:id/${name}`,
      options,
      answerWith(deps, (request, reply, caller) => {
        checkForm(deps, request, caller);
        return change(deps, { request, reply, caller }, ask(request.body, deps.now()));
      }),
    );
  }
}

function read<T>(shape: z.ZodType<T>, body: unknown): T {
  const form = shape.safeParse(body);
  if (form.success) return form.data;
  throw new AppError("REQUEST_INVALID", form.error.issues[0]?.message ?? "The form is wrong.");
}

async function list(deps: PageDeps, request: FastifyRequest): Promise<Page> {
  const { before, ...filter } = Query.parse(request.query ?? {});
  const cut = before?.indexOf(".") ?? -1;
  const alerts = await listAlerts(deps.db, filter.merchant === "" ? "*" : filter.merchant, {
    // Who looks for what is open means what nobody has in hand.
    state:
      filter.state === "" ? undefined : filter.state === "open" ? WAITING_STATES : filter.state,
    level: filter.level === "" ? undefined : filter.level,
    after:
      before === undefined
        ? undefined
        : { opened_at: Number(before.slice(0, cut)), id: before.slice(cut + 1) },
    limit: PAGE + 1,
  });
  const reader = pageReader(deps.db, deps.advise);
  const merchants = await listMerchants(deps.db);
  const view: AlertListView = {
    alerts: await Promise.all(alerts.slice(0, PAGE).map((alert) => reader.tell(alert, 5))),
    merchants: merchants.map(({ id, name }) => ({ id, name })),
    filter,
    older: olderQuery(alerts, filter),
    now: deps.now(),
  };
  // Reloading by itself would throw a reader of older pages back.
  const refresh = before === undefined ? { refreshS: 15 } : {};
  return { title: "Alerts", here: "alerts", ...refresh, body: alertListPage(view) };
}

function olderQuery(alerts: readonly Alert[], filter: Record<string, string>): string | null {
  const last = alerts[PAGE - 1];
  if (alerts.length <= PAGE || last === undefined) return null;
  return new URLSearchParams({ ...filter, before: `${last.opened_at}.${last.id}` }).toString();
}

async function one(deps: PageDeps, request: FastifyRequest, caller: SessionCaller): Promise<Page> {
  const alert = await existing(deps, request);
  const reader = pageReader(deps.db, deps.advise);
  const told = await reader.tell(alert, 20);
  const { merchant } = await reader.look(alert.merchant_id);
  const mails = await listMails(deps.db, alert.merchant_id, { alert_id: alert.id, limit: 20 });
  const changes = await listAlertChanges(deps.db, alert.merchant_id, alert.id);
  const labels = await listAlertLabels(deps.db, alert.merchant_id, alert.id);
  const said = z.object({ said: z.string().catch("") }).parse(request.query ?? {}).said;
  return {
    title: told.story.headline,
    here: "alerts",
    body: alertPage({
      ...told,
      mails,
      changes,
      labels,
      csrf: csrfToken(caller, deps.secrets.SESSION_KEY),
      isDemo: merchant.is_demo,
      said: Object.hasOwn(SAID, said) ? (SAID[said] ?? null) : null,
    }),
  };
}

async function existing(deps: PageDeps, request: FastifyRequest): Promise<Alert> {
  const { id } = Params.parse(request.params);
  const alert = await readAlert(deps.db, "*", id);
  if (alert === undefined) throw new AppError("NOT_FOUND", "There is no such alert.");
  return alert;
}

function checkForm(deps: PageDeps, request: FastifyRequest, caller: SessionCaller): void {
  const body = z.object({ csrf: z.string().max(200) }).safeParse(request.body);
  if (!checkCsrf(caller, body.data?.csrf, deps.secrets.SESSION_KEY)) {
    throw new AppError("FORBIDDEN", "The form is too old; go back, reload the page and try again.");
  }
}

async function change(
  deps: PageDeps,
  {
    request,
    reply,
    caller,
  }: { request: FastifyRequest; reply: FastifyReply; caller: SessionCaller },
  act: AlertAct,
): Promise<FastifyReply> {
  const { id, merchant_id } = await existing(deps, request);
  const by = { actor: actorOf(caller), address: request.ip };
  let said: string = act.act;
  try {
    await deps.act({ merchantId: merchant_id, alertId: id }, act, by);
  } catch (fault) {
    if (!(fault instanceof AppError) || fault.code !== "CONFLICT") throw fault;
    said = "conflict";
  }
  return reply.redirect(`/alerts/${encodeURIComponent(id)}?said=${said}`, 303);
}
