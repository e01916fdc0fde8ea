// All of a merchant's events of a span as lines of JSON, streamed: to take one's data along, or to another tool.
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { actorOf } from "../../accounts/authenticate.ts";
import { reachedMerchant, requireCaller } from "../../accounts/guard.ts";
import type { Event } from "../../core/event.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { readEvents } from "../../stores/events.ts";
import { readSpan } from "./read-search.ts";
import type { SearchRoutesDeps } from "./search-routes.ts";

const time = z.string().max(40).optional();

/** `GET /v1/export/events`: in order of time; the last line is `{"exported": n}`, so that a cut answer shows. */
export function registerExportRoutes(
  app: FastifyInstance,
  deps: SearchRoutesDeps & { db: Postgres },
): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    "/v1/export/events",
    {
      schema: {
        tags: ["events"],
        security: [{ apiKey: [] }],
        summary: "Take stored events along",
        description:
          'NDJSON, oldest first, one event a line as POST /v1/events shows them; the last line is `{"exported": n}`. Without `from`: the 400 days before `to`.',
        querystring: z.strictObject({
          merchant_id: z.string().max(64).optional(),
          from: time,
          to: time,
        }),
      },
    },
    async (request, reply) => {
      const caller = await requireCaller(deps.authenticator, request);
      const merchantId = reachedMerchant(caller, "events:read", request.query.merchant_id);
      const { fromTs, toTs } = readSpan(request.query, deps.now(), 400);
      await appendAudit(deps.db, {
        ...{ merchant_id: merchantId, actor: actorOf(caller), act: "events.export" },
        ...{ subject: "events", at: deps.now(), address: request.ip, details: { fromTs, toTs } },
      });
      const batches = readEvents(deps.ch, merchantId, { fromTs, toTs: toTs - 1 });
      return reply
        .header("cache-control", "no-store")
        .header("content-disposition", 'attachment; filename="events.ndjson"')
        .type("application/x-ndjson; charset=utf-8")
        .send(Readable.from(linesOf(batches)));
    },
  );
}

async function* linesOf(batches: AsyncIterable<Event[]>): AsyncGenerator<string> {
  let exported = 0;
  for await (const batch of batches) {
    exported += batch.length;
    yield batch.map((event) => `${JSON.stringify(event)}\n`).join("");
  }
  yield `${JSON.stringify({ exported })}\n`;
}
