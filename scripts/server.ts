// The HTTP shell that every folder registers its routes on: headers, errors, OpenAPI, health, metrics.

import { createHash, timingSafeEqual } from "node:crypto";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance, type FastifySchema } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from "fastify-type-provider-zod";
import type { Registry } from "prom-client";
import { errorAnswer } from "../core/error-answer.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

export type ServerDeps = {
  log: Log;
  metrics: Registry;
  metricsToken: string;
  publicUrl: string;
  /** True while every store answers. */
  healthy(): Promise<{ ok: boolean; parts: Record<string, string> }>;
};

const CONTENT_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    frameSrc: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'self'"],
    baseUri: ["'none'"],
  },
};

/** Shapes are zod on most routes; the hot door brings plain JSON Schema, for the document only. */
function isZod(schema: FastifySchema | undefined): boolean {
  const parts = [schema?.body, schema?.querystring, schema?.params, schema?.headers];
  const answers = Object.values((schema?.response ?? {}) as Record<string, unknown>);
  return [...parts, ...answers].every(
    (part) =>
      part === undefined || typeof (part as { safeParse?: unknown }).safeParse === "function",
  );
}

/** Builds the app with everything but the folders' own routes. Call `ready()` after those are registered. */
export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: 1_048_576,
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
    genReqId: () => "",
    logger: false,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(helmet, {
    contentSecurityPolicy: CONTENT_POLICY,
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: deps.publicUrl.startsWith("https:"),
  });
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: 65_536 });
  await app.register(rateLimit, { global: false });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Tillwatch",
        version: "1",
        description: "Security monitoring and fraud detection for online point-of-sale businesses.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: deps.publicUrl }],
      components: {
        securitySchemes: {
          apiKey: { type: "http", scheme: "bearer", description: "An API key: `tw_…`" },
          signature: {
            type: "apiKey",
            in: "header",
            name: "webhook-signature",
            description: "Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature",
          },
        },
      },
    },
    transform: (route) =>
      isZod(route.schema) ? jsonSchemaTransform(route) : { schema: route.schema, url: route.url },
  });
  setAnswers(app, deps.log);
  registerOwnDoors(app, deps);
  return app;
}

function setAnswers(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = errorAnswer(error);
    if (answer.status >= 500) {
      log.error(
        { err: error, method: request.method, route: request.routeOptions.url },
        "request failed",
      );
    }
    if (answer.retryAfterS !== undefined) reply.header("retry-after", String(answer.retryAfterS));
    return reply.code(answer.status).header("cache-control", "no-store").send(answer.body);
  });
  app.setNotFoundHandler(() => {
    throw new AppError("NOT_FOUND", "There is no such address here. See /openapi.json.");
  });
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function registerOwnDoors(app: FastifyInstance, deps: ServerDeps): void {
  app.get("/healthz", { schema: { hide: true } }, async (_request, reply) => {
    const { ok, parts } = await deps.healthy();
    return reply
      .code(ok ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ ok, parts });
  });
  app.get("/metrics", { schema: { hide: true } }, async (request, reply) => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined || !sameText(token, deps.metricsToken)) {
      throw new AppError("UNAUTHENTICATED", "Send the metrics token as `Authorization: Bearer …`.");
    }
    return reply.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });
  app.get("/openapi.json", { schema: { hide: true } }, async (_request, reply) =>
    reply.header("cache-control", "public, max-age=300").send(app.swagger()),
  );
}
