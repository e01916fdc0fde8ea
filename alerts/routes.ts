// The API's doors to alerts: list, read, history, and what a person may do.
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Authenticator, actorOf, type Caller, mayReach } from "../accounts/authenticate.ts";
import { checkCsrf } from "../accounts/csrf.ts";
import { reachedMerchant, requireCaller } from "../accounts/guard.ts";
import {
  type ActOnAlert,
  ALERT_STATES,
  type Alert,
  type AlertAct,
  LABELS,
  MOST_SNOOZE_MS,
} from "../core/alert.ts";
import { AppError } from "../core/errors.ts";
import { LEVELS } from "../core/level.ts";
import type { Secrets } from "../core/settings.ts";
import { parseIsoTime } from "../core/time.ts";
import { listAlertChanges } from "../stores/alert-changes.ts";
import { listAlertLabels } from "../stores/alert-labels.ts";
import { listAlerts, readAlert } from "../stores/alerts.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { MAX_REASON } from "./act.ts";
import { AlertChangeShape, AlertLabelShape, AlertShape } from "./alert-shape.ts";
import { BudgetShape, readBudget } from "./budget.ts";

export type AlertRoutesDeps = {
  db: Postgres;
  secrets: Pick<Secrets, "SESSION_KEY">;
  authenticator: Authenticator;
  /** From `makeActOnAlert`. */
  act: ActOnAlert;
  now: () => number;
};

const time = (about: string) =>
  z.string().max(40).optional().describe(`${about}: UTC milliseconds, or ISO 8601 with a zone`);

const ListQuery = z.strictObject({
  merchant_id: z.string().max(64).optional().describe("needed for a signed-in person only"),
  state: z.enum(ALERT_STATES).optional(),
  level: z.enum(LEVELS).optional(),
  detection: z.string().max(128).optional(),
  subject: z.string().max(1024).optional().describe("such as `card:…`"),
  from: time("opened at or after"),
  to: time("opened before"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional().describe("`next_cursor` of the page before"),
});

const Params = z.object({ id: z.string().max(64) });
const Resolution = z.strictObject({
  label: z.enum(LABELS),
  reason: z.string().max(MAX_REASON).optional().describe("card numbers in it are masked"),
});
const Reopening = z.strictObject({ reason: Resolution.shape.reason }).optional();
const HOUR_MS = 3_600_000;
const Snooze = z.strictObject({
  hours: z
    .int()
    .min(1)
    .max(MOST_SNOOZE_MS / HOUR_MS)
    .describe("so long more of the same, up to this level, is only counted"),
  reason: z.string().min(1).max(MAX_REASON).describe("card numbers in it are masked"),
});

const security = [{ apiKey: [] }];
const tags = ["alerts"];
const one = { tags, security, params: Params, response: { 200: AlertShape } };

/** `GET /v1/alerts`, `GET /v1/alerts/:id`, `GET …/changes` and a POST for each act. Another merchant's alert is NOT_FOUND. */
export function registerAlertRoutes(app: FastifyInstance, deps: AlertRoutesDeps): void {
  registerReading(app, deps);
  registerBudget(app, deps);
  registerActs(app, deps);
}

function registerReading(app: FastifyInstance, deps: AlertRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const page = z.object({ alerts: z.array(AlertShape), next_cursor: z.string().nullable() });
  api.get(
    "/v1/alerts",
    {
      schema: {
        tags,
        security,
        summary: "List alerts",
        querystring: ListQuery,
        response: { 200: page },
      },
    },
    async (request, reply) => {
      const caller = await requireCaller(deps.authenticator, request);
      const { merchant_id, ...query } = request.query;
      const merchantId = reachedMerchant(caller, "alerts:read", merchant_id);
      reply.header("cache-control", "no-store");
      return await listPage(deps.db, merchantId, query);
    },
  );
  const labelled = AlertShape.extend({
    labels: z.array(AlertLabelShape).describe("verdicts and what providers said, oldest first"),
  });
  api.get(
    "/v1/alerts/:id",
    { schema: { ...one, summary: "Read an alert", response: { 200: labelled } } },
    async (request, reply) => {
      const caller = await requireCaller(deps.authenticator, request);
      reply.header("cache-control", "no-store");
      const alert = await reachedAlert(deps.db, caller, request.params.id);
      const labels = await listAlertLabels(deps.db, alert.merchant_id, alert.id);
      return { ...alert, labels };
    },
  );
  const changes = z.object({ changes: z.array(AlertChangeShape).describe("oldest first") });
  api.get(
    "/v1/alerts/:id/changes",
    { schema: { ...one, summary: "Read an alert's history", response: { 200: changes } } },
    async (request, reply) => {
      const caller = await requireCaller(deps.authenticator, request);
      const { merchant_id, id } = await reachedAlert(deps.db, caller, request.params.id);
      reply.header("cache-control", "no-store");
      return { changes: await listAlertChanges(deps.db, merchant_id, id) };
    },
  );
}

/** Before `/v1/alerts/:id` for the router: a fixed path wins. */
function registerBudget(app: FastifyInstance, { db, authenticator, now }: AlertRoutesDeps): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    "/v1/alerts/budget",
    {
      schema: {
        ...{ tags, security, querystring: ListQuery.pick({ merchant_id: true }) },
        summary: "What was told, what was held back, and why",
        response: { 200: BudgetShape },
      },
    },
    async (request, reply) => {
      const caller = await requireCaller(authenticator, request);
      const merchantId = reachedMerchant(caller, "alerts:read", request.query.merchant_id);
      reply.header("cache-control", "no-store");
      return await readBudget(db, merchantId, now());
    },
  );
}

function registerActs(app: FastifyInstance, deps: AlertRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.post(
    "/v1/alerts/:id/acknowledge",
    { schema: { ...one, summary: "Say that somebody looks at it" } },
    (request) => act(deps, request, { act: "acknowledge" }),
  );
  api.post(
    "/v1/alerts/:id/start",
    { schema: { ...one, summary: "Say that you work on it" } },
    (request) => act(deps, request, { act: "start" }),
  );
  api.post(
    "/v1/alerts/:id/reopen",
    { schema: { ...one, summary: "Take the verdict back", body: Reopening } },
    (request) => act(deps, request, { act: "reopen", reason: request.body?.reason ?? null }),
  );
  api.post(
    "/v1/alerts/:id/snooze",
    { schema: { ...one, summary: "Keep it quiet for some hours", body: Snooze } },
    (request) => {
      const { hours, reason } = request.body;
      return act(deps, request, { act: "snooze", until: deps.now() + hours * HOUR_MS, reason });
    },
  );
  api.post(
    "/v1/alerts/:id/resolve",
    {
      schema: {
        ...one,
        summary: "Close it with a verdict, or correct the verdict",
        body: Resolution,
      },
    },
    (request) => {
      const { label, reason } = request.body;
      return act(deps, request, { act: "resolve", label, reason: reason ?? null });
    },
  );
}

async function listPage(
  db: Postgres,
  merchantId: string,
  { cursor, from, to, limit, ...filter }: Omit<z.infer<typeof ListQuery>, "merchant_id">,
): Promise<{ alerts: Alert[]; next_cursor: string | null }> {
  const alerts = await listAlerts(db, merchantId, {
    ...filter,
    from: readTime("from", from),
    to: readTime("to", to),
    after: cursor === undefined ? undefined : readCursor(cursor),
    limit: limit + 1,
  });
  const shown = alerts.slice(0, limit);
  const last = shown.at(-1);
  const more = alerts.length > limit && last !== undefined;
  return { alerts: shown, next_cursor: more ? writeCursor(last) : null };
}

async function act(
  deps: AlertRoutesDeps,
  request: FastifyRequest & { params: z.infer<typeof Params> },
  what: AlertAct,
): Promise<Alert> {
  const caller = await requireCaller(deps.authenticator, request);
  if (!checkCsrf(caller, request.headers["x-csrf-token"], deps.secrets.SESSION_KEY)) {
    throw new AppError("FORBIDDEN", "A signed-in person must send the header `x-csrf-token`.");
  }
  const alert = await reachedAlert(deps.db, caller, request.params.id);
  if (!mayReach(caller, alert.merchant_id, "alerts:write")) {
    throw new AppError("FORBIDDEN", "This key lacks the scope alerts:write.");
  }
  return await deps.act({ merchantId: alert.merchant_id, alertId: alert.id }, what, {
    actor: actorOf(caller),
    address: request.ip,
  });
}

/** Throws NOT_FOUND alike for what is not there and what is another merchant's. */
async function reachedAlert(db: Postgres, caller: Caller, id: string): Promise<Alert> {
  const scope = caller.kind === "session" ? "*" : reachedMerchant(caller, "alerts:read");
  const alert = await readAlert(db, scope, id);
  if (alert === undefined)
    throw new AppError("NOT_FOUND", "There is no such alert for this caller.");
  return alert;
}

function readTime(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : parseIsoTime(text);
  if (ms === undefined) {
    throw new AppError(
      "REQUEST_INVALID",
      `${name} must be UTC milliseconds or ISO 8601 with a zone.`,
    );
  }
  return ms;
}

function writeCursor(alert: Alert): string {
  return Buffer.from(`${alert.opened_at}.${alert.id}`).toString("base64url");
}

function readCursor(cursor: string): { opened_at: number; id: string } {
  const match = /^(\d{1,15})\.([A-Za-z0-9_-]{1,64})$/.exec(
    Buffer.from(cursor, "base64url").toString("utf8"),
  );
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new AppError("REQUEST_INVALID", "The cursor is not one of ours.");
  }
  return { opened_at: Number(match[1]), id: match[2] };
}
