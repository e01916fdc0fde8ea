// The door to what was set aside: see it, and after a fix send it through the pipeline again.
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Authenticator } from "../../accounts/authenticate.ts";
import { reachedMerchant, requireCaller } from "../../accounts/guard.ts";
import { AppError } from "../../core/errors.ts";
import { QUARANTINE_REASONS, type QuarantineReason } from "../../core/event-outcome.ts";
import { listQuarantine } from "../../stores/quarantine.ts";
import { replayQuarantined } from "../replay.ts";
import { ERROR_ANSWERS, ErrorBody, EventsAnswer, summed } from "./answers.ts";
import type { Doors } from "./doors.ts";

const Reason = z.enum(Object.keys(QUARANTINE_REASONS) as [QuarantineReason, ...QuarantineReason[]]);
const Merchant = z
  .string()
  .max(64)
  .optional()
  .describe("For a signed-in person; a key has its own.");
const ListQuery = z.object({
  merchant_id: Merchant,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  reason: Reason.optional(),
});
const ReplayBody = z
  .strictObject({
    merchant_id: Merchant,
    ids: z.array(z.string().max(64)).min(1).max(1000).optional(),
    reason: Reason.optional(),
  })
  .refine(({ ids, reason }) => (ids === undefined) !== (reason === undefined), {
    error: "name either ids or a reason",
  });
const Row = z.object({
  quarantine_id: z.string(),
  received_ts: z.int(),
  source: z.string(),
  connection_id: z.string(),
  reason: z.string(),
  detail: z.string(),
  event_id: z.string(),
  body: z.string().describe("What was sent, card data masked."),
});

export function quarantineRoutes(
  scope: FastifyInstance,
  doors: Doors,
  authenticator: Authenticator,
): void {
  scope.get("/v1/quarantine", {
    schema: {
      summary: "What was set aside and waits",
      tags: ["ingest"],
      querystring: ListQuery,
      response: { 200: z.object({ quarantined: z.array(Row) }), ...ERROR_ANSWERS },
    },
    async handler(request) {
      const query = request.query as z.infer<typeof ListQuery>;
      const caller = await requireCaller(authenticator, request);
      const merchantId = reachedMerchant(caller, "events:read", query.merchant_id);
      const rows = await listQuarantine(doors.ch, merchantId, query);
      return { quarantined: rows };
    },
  });
  scope.post("/v1/quarantine/replay", {
    schema: {
      summary: "Send what was set aside through the pipeline again",
      description:
        "By ids or by reason, at most 1000 at a time. What is taken leaves the quarantine.",
      tags: ["ingest"],
      body: ReplayBody,
      response: { 200: EventsAnswer, ...ERROR_ANSWERS, 409: ErrorBody },
    },
    async handler(request) {
      const { merchant_id, ids, reason } = request.body as z.infer<typeof ReplayBody>;
      const caller = await requireCaller(authenticator, request);
      // A browser sends a session's cookie by itself, from any page: replays by people go through the pages.
      if (caller.kind !== "api_key") throw new AppError("FORBIDDEN", "Replays need an API key.");
      const merchantId = reachedMerchant(caller, "events:write", merchant_id);
      return summed(await replayQuarantined(doors, merchantId, { ids, reason }));
    },
  });
}
