// The door for any till: one event, an array, or lines; by API key or signed.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Authenticator } from "../../accounts/authenticate.ts";
import { AppError } from "../../core/errors.ts";
import { splitBody } from "../../core/event-body.ts";
import type { EventOutcome } from "../../core/event-outcome.ts";
import { eventSchema } from "../../core/event-schema.ts";
import { MAX_EVENTS_A_BODY } from "../sources/api.ts";
import { ERROR_ANSWERS, EventsAnswer, summed } from "./answers.ts";
import { plainHeaders } from "./delivery-routes.ts";
import type { Doors } from "./doors.ts";

const Query = z.object({
  source: z
    .string()
    .optional()
    .describe("Connection id, for signed requests; or header x-tillwatch-source."),
  wait: z
    .enum(["stored"])
    .optional()
    .describe("stored: answer once the events are in the event store."),
});

export function eventRoutes(
  scope: FastifyInstance,
  doors: Doors,
  authenticator: Authenticator,
): void {
  const Event = eventSchema({ nowMs: Number.MAX_SAFE_INTEGER, merchantId: "mer_…" });
  scope.post("/v1/events", {
    schema: {
      summary: "Take events",
      description:
        "One event, an array of at most 10,000, or NDJSON; at most 8 MiB unpacked; gzip is taken. " +
        "With an API key of scope events:write, or signed per Standard Webhooks. Answers when all that was taken is on disk.",
      tags: ["ingest"],
      querystring: Query,
      body: z.union([Event, z.array(Event)]),
      response: { 200: EventsAnswer, ...ERROR_ANSWERS },
    },
    async handler(request) {
      const outcomes = await take(request, doors, authenticator);
      const { wait } = request.query as z.infer<typeof Query>;
      return summed(wait === "stored" ? await stored(outcomes, doors) : outcomes);
    },
    // The key is judged before the body is read.
    onRequest: async (request) => {
      if (signedSource(request) === undefined) await merchantOf(request, authenticator);
    },
  });
}

async function take(
  request: FastifyRequest,
  doors: Doors,
  authenticator: Authenticator,
): Promise<EventOutcome[]> {
  const body = bytesOf(request);
  doors.count.bytes("events", body.length);
  const connectionId = signedSource(request);
  if (connectionId !== undefined) {
    const headers = plainHeaders(request.headers);
    return (await doors.deliveries.take({ kind: "api", connectionId, headers, body })).outcomes;
  }
  const merchantId = await merchantOf(request, authenticator);
  const type = request.headers["content-type"] ?? "";
  const events = splitBody(body, type, MAX_EVENTS_A_BODY);
  const webhookId = request.headers["webhook-id"];
  return doors.pipeline.take(events, {
    merchantId,
    source: "api",
    ...(typeof webhookId === "string" && webhookId !== "" ? { webhookId } : {}),
  });
}

function bytesOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** A signed request names its connection; without a signature the key decides. */
function signedSource(request: FastifyRequest): string | undefined {
  if (request.headers["webhook-signature"] === undefined) return undefined;
  const named =
    (request.query as { source?: unknown }).source ?? request.headers["x-tillwatch-source"];
  if (typeof named === "string" && named !== "") return named;
  if (request.headers.authorization !== undefined) return undefined;
  throw new AppError(
    "UNAUTHENTICATED",
    "A signed request names its connection: ?source=… or the header x-tillwatch-source.",
  );
}

/** Only keys: a browser's session must not send events for somebody. */
async function merchantOf(request: FastifyRequest, authenticator: Authenticator): Promise<string> {
  const caller = await authenticator.authenticate({ headers: request.headers });
  if (caller?.kind !== "api_key") {
    throw new AppError(
      "UNAUTHENTICATED",
      "Send an API key as `Authorization: Bearer tw_…`, or sign per Standard Webhooks.",
    );
  }
  if (!caller.scopes.includes("events:write"))
    throw new AppError("FORBIDDEN", "This key lacks the scope events:write.");
  return caller.merchantId;
}

async function stored(outcomes: EventOutcome[], doors: Doors): Promise<EventOutcome[]> {
  await doors.spool.flush();
  return outcomes.map((outcome) =>
    outcome.outcome === "accepted" ? { ...outcome, durability: "stored" } : outcome,
  );
}
