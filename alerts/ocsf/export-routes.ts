// The door through which a SIEM takes alerts along: OCSF Detection Findings, one a line.
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Authenticator, actorOf } from "../../accounts/authenticate.ts";
import { reachedMerchant, requireCaller } from "../../accounts/guard.ts";
import type { Alert } from "../../core/alert.ts";
import { AppError } from "../../core/errors.ts";
import { parseIsoTime } from "../../core/time.ts";
import { listAlerts } from "../../stores/alerts.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { toDetectionFinding } from "./detection-finding.ts";

export type AlertExportDeps = { db: Postgres; authenticator: Authenticator; now: () => number };

const time = (about: string) =>
  z.string().max(40).optional().describe(`${about}: UTC milliseconds, or ISO 8601 with a zone`);

/** `GET /v1/export/alerts.ocsf`: as each alert stands now, newest first. Needs `alerts:read`. */
export function registerAlertExportRoutes(app: FastifyInstance, deps: AlertExportDeps): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    "/v1/export/alerts.ocsf",
    {
      schema: {
        tags: ["alerts"],
        security: [{ apiKey: [] }],
        summary: "Take alerts along as OCSF Detection Findings",
        description:
          "NDJSON, newest first, one alert a line as it stands now: OCSF 1.5.0, class 2004. No card data. An alert that changed since keeps its `finding_info.uid`.",
        querystring: z.strictObject({
          merchant_id: z.string().max(64).optional().describe("needed for a signed-in person only"),
          from: time("opened at or after"),
          to: time("opened before; now if left out"),
        }),
      },
    },
    async (request, reply) => {
      const caller = await requireCaller(deps.authenticator, request);
      const merchantId = reachedMerchant(caller, "alerts:read", request.query.merchant_id);
      const at = deps.now();
      const from = readTime("from", request.query.from) ?? 0;
      const to = readTime("to", request.query.to) ?? at + 1;
      await appendAudit(deps.db, {
        ...{ merchant_id: merchantId, actor: actorOf(caller), act: "alerts.export" },
        ...{ subject: "alerts", at, address: request.ip, details: { from, to, format: "ocsf" } },
      });
      return reply
        .header("cache-control", "no-store")
        .header("content-disposition", 'attachment; filename="alerts.ocsf.ndjson"')
        .type("application/x-ndjson; charset=utf-8")
        .send(Readable.from(linesOf(deps.db, merchantId, { from, to })));
    },
  );
}

const PAGE = 200;

async function* linesOf(
  db: Postgres,
  merchantId: string,
  span: { from: number; to: number },
): AsyncGenerator<string> {
  let after: Alert | undefined;
  for (;;) {
    const alerts = await listAlerts(db, merchantId, { ...span, after, limit: PAGE });
    if (alerts.length > 0) {
      yield alerts.map((alert) => `${JSON.stringify(toDetectionFinding(alert))}\n`).join("");
    }
    if (alerts.length < PAGE) return;
    after = alerts.at(-1);
  }
}

function readTime(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : parseIsoTime(text);
  if (ms !== undefined) return ms;
  throw new AppError(
    "REQUEST_INVALID",
    `${name} must be UTC milliseconds or ISO 8601 with a zone.`,
  );
}
