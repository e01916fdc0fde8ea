// POST /v1/sql: an analyst's own SELECT over the rows of one merchant.
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Authenticator, actorOf } from "../../accounts/authenticate.ts";
import { reachedMerchant, requireCaller } from "../../accounts/guard.ts";
import { maskCardData } from "../../core/card-data.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { type AnalystSql, MOST_SQL, MOST_SQL_CHARACTERS } from "../../stores/sql/analyst-sql.ts";
import { resultJson } from "./result-json.ts";

export type SqlRoutesDeps = {
  db: Postgres;
  sql: AnalystSql;
  authenticator: Authenticator;
  now: () => number;
};

const MOST_ROWS = 100_000;
const MOST_BYTES = 32 * 1024 * 1024;
const Value = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]);
const Asked = z.strictObject({
  merchant_id: z.string().max(64).optional().describe("needed for a signed-in person only"),
  sql: z
    .string()
    .min(1)
    .max(MOST_SQL_CHARACTERS)
    .describe("one SELECT, WITH, DESCRIBE, EXISTS, EXPLAIN or SHOW in ClickHouse's SQL"),
  params: z
    .record(z.string().regex(/^\w{1,64}$/), Value)
    .default({})
    .describe("values of `{name:Type}` in the statement"),
  limit: z.int().min(1).max(MOST_ROWS).default(1000).describe("rows; more are cut and said so"),
});

/** Needs sql:read. The answer is streamed: `{columns, rows, truncated}`; one that breaks off in the middle is no JSON. */
export function registerSqlRoutes(app: FastifyInstance, deps: SqlRoutesDeps): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    "/v1/sql",
    {
      bodyLimit: 262_144,
      schema: {
        tags: ["events"],
        security: [{ apiKey: [] }],
        summary: "Ask stored rows in SQL",
        description: `Reads the caller's own merchant only; at most ${MOST_SQL.seconds} s, ${MOST_SQL.memoryBytes / 1e6} MB of memory and ${MOST_BYTES / 1_048_576} MiB of answer. Numbers are exact in the text: 64-bit ones may be more than a client's number can hold.`,
        body: Asked,
      },
    },
    async (request, reply) => {
      const { body } = request;
      const caller = await requireCaller(deps.authenticator, request);
      const merchantId = reachedMerchant(caller, "sql:read", body.merchant_id);
      const judged = await deps.sql.judge(merchantId, body.sql);
      await appendAudit(deps.db, {
        ...{ merchant_id: merchantId, actor: actorOf(caller), act: "sql.read", subject: "sql" },
        ...{ at: deps.now(), address: request.ip },
        details: { sql: maskCardData(judged.sql).text.slice(0, 2000) },
      });
      const leave = new AbortController();
      reply.raw.once("close", () => leave.abort());
      const bytes = await deps.sql.run({
        ...{ merchantId, judged, limits: MOST_SQL, quotes64: false, signal: leave.signal },
        format: "JSONCompactEachRowWithNamesAndTypes",
        params: Object.fromEntries(
          Object.entries(body.params).map(([name, v]) => [name, v === null ? null : String(v)]),
        ),
      });
      const answer = resultJson(bytes, { rows: body.limit, bytes: MOST_BYTES });
      return reply
        .header("cache-control", "no-store")
        .type("application/json; charset=utf-8")
        .send(Readable.from(answer));
    },
  );
}
