// The API's door to how often each rule was right.
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Authenticator } from "../../accounts/authenticate.ts";
import { reachedMerchant, requireCaller } from "../../accounts/guard.ts";
import { AppError } from "../../core/errors.ts";
import { LEVELS } from "../../core/level.ts";
import { parseIsoTime } from "../../core/time.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { readPrecision } from "./read-precision.ts";

export type PrecisionRoutesDeps = { db: Postgres; authenticator: Authenticator; now: () => number };

const time = (about: string) =>
  z.string().max(40).optional().describe(`${about}: UTC milliseconds, or ISO 8601 with a zone`);
const Query = z.strictObject({
  merchant_id: z.string().max(64).optional().describe("needed for a signed-in person only"),
  from: time("alerts from then on; without: 90 days back"),
  to: time("alerts up to then; without: now"),
});
const Tally = z.object({
  told: z.int().describe("alerts"),
  labelled: z.int(),
  fraud: z.int(),
  not_fraud: z.int(),
  unsure: z.int(),
  precision: z
    .object({ value: z.number(), low: z.number(), high: z.number() })
    .nullable()
    .describe(
      "fraud / (fraud + not fraud) with its 95 % Wilson interval; null: nobody labelled any",
    ),
});
const Answer = z.object({
  from: z.int(),
  to: z.int(),
  as_of: z.int().describe("labels known later do not count"),
  rules: z.array(
    Tally.extend({
      rule: z.string(),
      by_provider: z.int().describe("labels by providers, where no person had judged"),
      weeks: z.array(
        Tally.extend({
          from: z.int().describe("Monday 00:00 UTC"),
          mature: z.boolean().describe("old enough that most chargebacks on it have come"),
        }),
      ),
      versions: z.array(Tally.extend({ rule_version: z.int() })),
      levels: z.array(Tally.extend({ level: z.enum(LEVELS) })),
    }),
  ),
});

/** `GET /v1/rules/precision`. Needs alerts:read. */
export function registerPrecisionRoutes(app: FastifyInstance, deps: PrecisionRoutesDeps): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    "/v1/rules/precision",
    {
      schema: {
        ...{ tags: ["rules"], security: [{ apiKey: [] }], querystring: Query },
        summary: "How often each rule was right, as far as labels say",
        response: { 200: Answer },
      },
    },
    async (request, reply) => {
      const caller = await requireCaller(deps.authenticator, request);
      const { merchant_id, from, to } = request.query;
      const merchantId = reachedMerchant(caller, "alerts:read", merchant_id);
      reply.header("cache-control", "no-store");
      const span = { from: msOf("from", from), to: msOf("to", to) };
      return await readPrecision(deps, merchantId, span);
    },
  );
}

function msOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : parseIsoTime(text);
  if (ms !== undefined) return ms;
  throw new AppError(
    "REQUEST_INVALID",
    `${name} must be UTC milliseconds or ISO 8601 with a zone.`,
  );
}
