// The doors of ingest: events of any till, providers' deliveries, and the quarantine.
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import type { Authenticator } from "../accounts/authenticate.ts";
import { errorAnswer } from "../core/error-answer.ts";
import { AppError } from "../core/errors.ts";
import { testSource } from "./connection/test-source.ts";
import { makeDeliveries } from "./deliveries.ts";
import { ingestMetrics } from "./metrics.ts";
import { makePipeline } from "./pipeline.ts";
import { deliveryRoutes } from "./routes/delivery-routes.ts";
import type { DoorDeps, Doors, Ingest } from "./routes/doors.ts";
import { eventRoutes } from "./routes/event-routes.ts";
import { quarantineRoutes } from "./routes/quarantine-routes.ts";
import { sourceRoutes } from "./routes/source-routes.ts";
import { type BodyLimit, readBody } from "./steps/read-body.ts";

/** Who may come in is asked of `authenticator`. */
export type IngestDeps = DoorDeps & { authenticator: Authenticator };

const EVENTS_LIMIT: BodyLimit = { bytes: 8 * 1_048_576, words: "8 MiB" };
const DELIVERY_LIMIT: BodyLimit = { bytes: 1_048_576, words: "1 MiB" };

/**
 * Registers `POST /v1/events`, `POST /in/:kind/:connectionId`, `GET /v1/quarantine`, `POST /v1/quarantine/replay`,
 * `GET /v1/sources`, `GET /v1/sources/kinds/:kind`, `POST /v1/sources/:id/test`.
 * Errors of these doors are answered as `{ error: { code, message } }` by codes of core/errors.ts.
 */
export async function registerIngestRoutes(
  app: FastifyInstance,
  deps: IngestDeps,
): Promise<Ingest> {
  const count = ingestMetrics(deps.metrics);
  const pipeline = makePipeline({ ...deps, metrics: count });
  const deliveries = makeDeliveries({ ...deps, metrics: count, pipeline });
  const tests = { ...deps, ...deps.connections, deliveries };
  const doors: Doors = {
    ...deps,
    ...{ pipeline, deliveries, count },
    testSource: (of) => testSource(tests, of),
    close: () => pipeline.close(),
  };
  await app.register(async (scope) => {
    rawBodies(scope, EVENTS_LIMIT);
    guard(scope, doors, "events");
    eventRoutes(scope, doors, deps.authenticator);
  });
  await app.register(async (scope) => {
    rawBodies(scope, DELIVERY_LIMIT);
    guard(scope, doors, "in");
    deliveryRoutes(scope, doors);
  });
  await app.register(async (scope) => {
    scope.setValidatorCompiler(validatorCompiler);
    scope.setSerializerCompiler(serializerCompiler);
    answerErrors(scope, doors, "quarantine");
    quarantineRoutes(scope, doors, deps.authenticator);
  });
  await app.register(async (scope) => {
    scope.setValidatorCompiler(validatorCompiler);
    scope.setSerializerCompiler(serializerCompiler);
    answerErrors(scope, doors, "sources");
    sourceRoutes(scope, { ...doors, ...deps.connections, authenticator: deps.authenticator });
  });
  return doors;
}

/** Bodies stay bytes: a signature is over bytes. The schemas of these doors are for the documentation. */
function rawBodies(scope: FastifyInstance, limit: BodyLimit): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, request.headers, limit),
  );
  scope.setValidatorCompiler(() => (value) => ({ value }));
  scope.setSerializerCompiler(() => (value) => JSON.stringify(value));
}

/** Back-pressure is told before a body is read: refusing after the work would keep the spool from draining. */
function guard(scope: FastifyInstance, doors: Doors, door: string): void {
  answerErrors(scope, doors, door);
  scope.addHook("onRequest", async () => {
    const admission = doors.spool.admission();
    if (admission.open) return;
    const words =
      admission.code === "BACKPRESSURE"
        ? "Too much is waiting for the event store; nothing was taken."
        : "Events cannot be made durable now; nothing was taken.";
    throw new AppError(admission.code, words, { details: { retryAfterS: admission.retryAfterS } });
  });
  scope.addHook("onResponse", async (_request, reply) => {
    doors.count.answered(door, reply.elapsedTime / 1000);
  });
}

function answerErrors(scope: FastifyInstance, { log, count }: Doors, door: string): void {
  scope.setErrorHandler((error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const answer = errorAnswer(error);
    const { code } = answer.body.error;
    count.refusedBody(door, code);
    // A full disk is told once by the spool; a line a request would fill what is left of it.
    if (answer.isFault && code !== "SPOOL_UNAVAILABLE")
      log.error({ error, code, route: request.routeOptions.url }, "request failed");
    if (answer.retryAfterS !== undefined) reply.header("retry-after", String(answer.retryAfterS));
    return reply
      .code(answer.status)
      .header("content-type", "application/json")
      .send(JSON.stringify(answer.body));
  });
}
