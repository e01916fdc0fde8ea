// The doors to the audit log: who did what, page by page, and all of it as an export that proves itself offline.
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { SERVICE_CHAIN } from "../core/audit-chain.ts";
import type { AuditSigner } from "../core/audit-signature.ts";
import { AppError } from "../core/errors.ts";
import { exportAudit } from "../stores/audit-export.ts";
import { listAudit } from "../stores/audit-log.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { findMerchant } from "../stores/merchants.ts";
import { type Authenticator, actorOf } from "./authenticate.ts";
import { reachedMerchant, requireCaller } from "./guard.ts";

export type AuditRoutesDeps = {
  db: Postgres;
  signer: AuditSigner;
  authenticator: Authenticator;
  now: () => number;
};

const merchant_id = z
  .string()
  .max(64)
  .optional()
  .describe(
    "needed for a signed-in person only; `service` is the log of what belongs to no merchant",
  );

const ListQuery = z.strictObject({
  merchant_id,
  before: z.coerce.number().int().positive().optional().describe("only acts before that number"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const EntryShape = z
  .object({
    seq: z.int().describe("its place in the merchant's log, from 1"),
    actor: z.string().describe("`account:…`, `api_key:…`, `link:…`, `cli` or `service`"),
    act: z.string(),
    subject: z.string(),
    at: z.int().describe("UTC milliseconds"),
    address: z.string().nullable(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    hash: z.string().describe("SHA-256 over this entry and the hash before it"),
  })
  .describe("One act");

const security = [{ apiKey: [] }];
const tags = ["audit"];

/** `GET /v1/audit`, `GET /v1/audit/export`. Both need `audit:read`; the service's own log only a signed-in person reaches. */
export function registerAuditRoutes(app: FastifyInstance, deps: AuditRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const page = z.object({ entries: z.array(EntryShape), next_before: z.int().nullable() });
  api.get(
    "/v1/audit",
    {
      schema: {
        tags,
        security,
        summary: "List who did what, newest first",
        querystring: ListQuery,
        response: { 200: page },
      },
    },
    async (request, reply) => {
      const { limit, before } = request.query;
      const { chain } = await reachedChain(deps, request);
      const beforeSeq = before === undefined ? {} : { beforeSeq: before };
      const entries = await listAudit(deps.db, chain, { limit, ...beforeSeq });
      const last = entries.at(-1)?.seq ?? 1;
      reply.header("cache-control", "no-store");
      return { entries, next_before: last > 1 ? last : null };
    },
  );
  api.get(
    "/v1/audit/export",
    {
      schema: {
        tags,
        security,
        summary: "Take the audit log along",
        description:
          "NDJSON: entries, then signed heads, then a signed end with the public key. `npm run --silent audit -- verify FILE` checks it without a network.",
        querystring: z.strictObject({ merchant_id }),
      },
    },
    async (request, reply) => {
      const { chain, actor } = await reachedChain(deps, request);
      const lines = await exportAudit(deps.db, deps.signer, [chain], {
        ...{ merchant_id: chain === SERVICE_CHAIN ? null : chain, actor },
        ...{ act: "audit.export", subject: "audit", at: deps.now() },
        ...{ address: request.ip, details: {} },
      });
      return reply
        .header("cache-control", "no-store")
        .header("content-disposition", 'attachment; filename="audit.ndjson"')
        .type("application/x-ndjson; charset=utf-8")
        .send(Readable.from(lines));
    },
  );
}

/** An export appends to the chain, so a name that a person made up must not become one. */
async function reachedChain(
  { db, authenticator }: AuditRoutesDeps,
  request: FastifyRequest & { query: { merchant_id?: string | undefined } },
): Promise<{ chain: string; actor: string }> {
  const caller = await requireCaller(authenticator, request);
  const chain = reachedMerchant(caller, "audit:read", request.query.merchant_id);
  if (chain !== SERVICE_CHAIN && (await findMerchant(db, chain)) === undefined) {
    throw new AppError("NOT_FOUND", "There is no such merchant for this caller.");
  }
  return { chain, actor: actorOf(caller) };
}
