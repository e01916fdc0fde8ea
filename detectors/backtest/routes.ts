// The API's doors to backtests: ask, watch, read, end.
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Authenticator, actorOf } from "../../accounts/authenticate.ts";
import { checkCsrf } from "../../accounts/csrf.ts";
import { reachedMerchant, requireCaller } from "../../accounts/guard.ts";
import { AppError } from "../../core/errors.ts";
import type { Secrets } from "../../core/settings.ts";
import { parseIsoTime } from "../../core/time.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import { type Backtest, listBacktests, readBacktest } from "../../stores/backtests.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { BACKTEST_STATES } from "../../stores/postgres/backtest-tables.ts";
import type { Backtests } from "./jobs.ts";

export type BacktestRoutesDeps = {
  db: Postgres;
  secrets: Pick<Secrets, "SESSION_KEY">;
  authenticator: Authenticator;
  backtests: Backtests;
  now: () => number;
};

const merchant_id = z.string().max(64).optional().describe("needed for a signed-in person only");
const time = z
  .union([z.int(), z.string().max(40)])
  .describe("UTC milliseconds, or ISO 8601 with a zone");
const Asked = z.strictObject({
  merchant_id,
  from: time,
  to: time,
  rules: z
    .array(z.string().max(128))
    .min(1)
    .max(200)
    .optional()
    .describe("rules or detections; without: what changed, or all"),
  text: z
    .string()
    .max(1_048_576)
    .optional()
    .describe("a rule file that takes the place of the one in force"),
  knobs: z
    .record(z.string().max(128), z.record(z.string().max(64), z.number()))
    .optional()
    .describe("rule → knob → value"),
});
const Shape = z.object({
  id: z.string(),
  merchant_id: z.string(),
  state: z.enum(BACKTEST_STATES),
  asked_by: z.string(),
  request: z.unknown(),
  progress: z.number().describe("0-1"),
  doing: z.string(),
  report: z
    .unknown()
    .describe("when done: alerts by detection, labels, difference to what is in force"),
  error: z.string().nullable(),
  created_at: z.int(),
  finished_at: z.int().nullable(),
});
const Params = z.object({ id: z.string().max(64) });
const SUGGEST_MS = 180 * 86_400_000;
const tags = ["rules"];
const security = [{ apiKey: [] }];

/** `POST /v1/backtests`, `GET /v1/backtests`, `GET /v1/backtests/:id`, `POST …/cancel`, `POST /v1/rules/:name/suggest`. Reading needs alerts:read, asking alerts:write. */
export function registerBacktestRoutes(app: FastifyInstance, deps: BacktestRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.post(
    "/v1/backtests",
    {
      bodyLimit: 2_097_152,
      schema: {
        tags,
        security,
        summary: "Ask what rules would have said over a span of history",
        body: Asked,
        response: { 202: Shape },
      },
    },
    async (request, reply) => {
      const { merchant_id: asked, from, to, ...change } = request.body;
      const by = await writer(deps, request, asked);
      const span = { from: msOf("from", from), to: msOf("to", to) };
      const made = await deps.backtests.start(by.merchantId, { ...span, ...change }, by.actor);
      await noteAct(deps, request, { ...by, act: "backtest.start", id: made.id });
      return reply.code(202).header("cache-control", "no-store").send(made);
    },
  );
  suggestRoute(app, deps);
  const query = z.strictObject({ merchant_id });
  api.get(
    "/v1/backtests",
    {
      schema: {
        tags,
        security,
        summary: "The newest backtests",
        querystring: query,
        response: { 200: z.object({ backtests: z.array(Shape.omit({ report: true })) }) },
      },
    },
    async (request) => {
      const merchantId = await reader(deps, request, request.query.merchant_id);
      return { backtests: await listBacktests(deps.db, merchantId) };
    },
  );
  const one = { tags, security, params: Params, querystring: query, response: { 200: Shape } };
  api.get(
    "/v1/backtests/:id",
    { schema: { ...one, summary: "A backtest's progress and report" } },
    async (request, reply) => {
      const merchantId = await reader(deps, request, request.query.merchant_id);
      reply.header("cache-control", "no-store");
      return await reached(deps.db, merchantId, request.params.id);
    },
  );
  api.post(
    "/v1/backtests/:id/cancel",
    { schema: { ...one, summary: "End a backtest, and its query" } },
    async (request) => {
      const by = await writer(deps, request, request.query.merchant_id);
      const { id } = request.params;
      const ended = await deps.backtests.cancel(by.merchantId, id);
      await noteAct(deps, request, { ...by, act: "backtest.cancel", id });
      return ended;
    },
  );
}

function suggestRoute(app: FastifyInstance, deps: BacktestRoutesDeps): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    "/v1/rules/:name/suggest",
    {
      schema: {
        ...{ tags, security, params: z.object({ name: z.string().max(128) }) },
        summary: "Ask which knob would have served better on labelled history; nothing is set",
        body: Asked.pick({ merchant_id: true }).extend({
          from: time.optional().describe("without: 180 days back"),
          to: time.optional().describe("without: now"),
        }),
        response: { 202: Shape },
      },
    },
    async (request, reply) => {
      const by = await writer(deps, request, request.body.merchant_id);
      const to = msOf("to", request.body.to ?? deps.now());
      const from = msOf("from", request.body.from ?? to - SUGGEST_MS);
      const asked = { from, to, suggest: request.params.name };
      const made = await deps.backtests.start(by.merchantId, asked, by.actor);
      await noteAct(deps, request, { ...by, act: "backtest.start", id: made.id });
      return reply.code(202).header("cache-control", "no-store").send(made);
    },
  );
}

async function reader(
  deps: BacktestRoutesDeps,
  request: FastifyRequest,
  asked: string | undefined,
): Promise<string> {
  const caller = await requireCaller(deps.authenticator, request);
  return reachedMerchant(caller, "alerts:read", asked);
}

async function writer(
  deps: BacktestRoutesDeps,
  request: FastifyRequest,
  asked: string | undefined,
): Promise<{ merchantId: string; actor: string }> {
  const caller = await requireCaller(deps.authenticator, request);
  if (!checkCsrf(caller, request.headers["x-csrf-token"], deps.secrets.SESSION_KEY)) {
    throw new AppError("FORBIDDEN", "A signed-in person must send the header `x-csrf-token`.");
  }
  return { merchantId: reachedMerchant(caller, "alerts:write", asked), actor: actorOf(caller) };
}

async function noteAct(
  { db, now }: BacktestRoutesDeps,
  request: FastifyRequest,
  of: { merchantId: string; actor: string; act: string; id: string },
): Promise<void> {
  const { merchantId, actor, act, id } = of;
  const subject = `backtest:${id}`;
  const entry = { merchant_id: merchantId, actor, act, subject, at: now(), address: request.ip };
  await db.transaction().execute((trx) => appendAudit(trx, { ...entry, details: {} }));
}

/** Throws NOT_FOUND alike for what is not there and what is another merchant's. */
async function reached(db: Postgres, merchantId: string, id: string): Promise<Backtest> {
  const found = await readBacktest(db, merchantId, id);
  if (found !== undefined) return found;
  throw new AppError("NOT_FOUND", "There is no such backtest for this caller.");
}

function msOf(name: string, value: number | string): number {
  const ms = typeof value === "number" ? value : parseIsoTime(value);
  if (ms !== undefined) return ms;
  throw new AppError(
    "REQUEST_INVALID",
    `${name} must be UTC milliseconds or ISO 8601 with a zone.`,
  );
}
