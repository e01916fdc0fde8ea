// The doors to connections: how they do, how one is set up, and a test of one.
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Authenticator, actorOf } from "../../accounts/authenticate.ts";
import { reachedMerchant, requireCaller } from "../../accounts/guard.ts";
import { AppError } from "../../core/errors.ts";
import { SOURCE_KINDS, type SourceKind } from "../../core/merchant.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { guideOf } from "../connection/guides.ts";
import { sourceHealth } from "../connection/source-health.ts";
import type { TestOf, TestResult } from "../connection/test-source.ts";
import { ERROR_ANSWERS } from "./answers.ts";

const Merchant = z
  .string()
  .max(64)
  .optional()
  .describe("For a signed-in person; a key has its own.");
const time = z.int().nullable();
const Asked = z.object({
  what: z.string(),
  last_ok_at: time,
  next_at: z.int(),
  last_error: z.string().nullable(),
  last_error_at: time,
  failures: z.int(),
});
const Health = z.object({
  source_id: z.string(),
  kind: z.enum(SOURCE_KINDS),
  path: z.string(),
  url: z.string(),
  account: z.string().nullable(),
  account_confirmed: z.boolean(),
  mode: z.string(),
  created_at: z.int(),
  state: z.enum(["ok", "new", "silent", "trouble"]),
  words: z.string().describe("The state in words for the shop's owner."),
  last_delivery_at: time.describe("Of the last seven days."),
  deliveries_24h: z.int(),
  quarantined: z.int(),
  last_error: z.object({ words: z.string(), at: z.int() }).nullable(),
  gaps: z
    .array(z.object({ from: z.int(), to: z.int() }))
    .describe("The longest silences over an hour of the last seven days."),
  asks: z.array(Asked).describe("What the provider is asked for."),
  verification_code: z
    .string()
    .optional()
    .describe("Clover's: paste it where the address was entered, before Clover sends more."),
});
const Guide = z.object({
  kind: z.enum(SOURCE_KINDS),
  about: z.string(),
  steps: z.array(z.object({ do: z.string(), paste: z.string() })),
  notes: z.array(z.string()),
  asks: z.array(z.string()),
});
const Result = z.object({
  ok: z.boolean(),
  steps: z.array(z.object({ step: z.string(), ok: z.boolean(), words: z.string() })),
});

/** A test asks the provider, so a merchant may have so many in a minute. */
const TESTS_A_MINUTE = 6;

export type SourceDoors = {
  db: Postgres;
  ch: ClickHouse;
  now: () => number;
  testSource(of: TestOf): Promise<TestResult>;
  authenticator: Authenticator;
  publicUrl: string;
};

export function sourceRoutes(scope: FastifyInstance, doors: SourceDoors): void {
  const { authenticator } = doors;
  scope.get("/v1/sources", {
    schema: {
      summary: "How the connections are doing",
      tags: ["ingest"],
      querystring: z.object({ merchant_id: Merchant }),
      response: { 200: z.object({ sources: z.array(Health) }), ...ERROR_ANSWERS },
    },
    async handler(request) {
      const { merchant_id } = request.query as { merchant_id?: string };
      const caller = await requireCaller(authenticator, request);
      const merchantId = reachedMerchant(caller, "events:read", merchant_id);
      return { sources: await sourceHealth(doors, merchantId) };
    },
  });
  scope.get("/v1/sources/kinds/:kind", {
    schema: {
      summary: "What to paste where, for one kind of source",
      tags: ["ingest"],
      params: z.object({ kind: z.string().max(64) }),
      response: { 200: Guide, ...ERROR_ANSWERS },
    },
    async handler(request) {
      await requireCaller(authenticator, request);
      const { kind } = request.params as { kind: string };
      if (!(SOURCE_KINDS as readonly string[]).includes(kind))
        throw new AppError(
          "NOT_FOUND",
          `There is no such kind; there are ${SOURCE_KINDS.join(", ")}.`,
        );
      return guideOf(kind as SourceKind, doors.publicUrl);
    },
  });
  testRoute(scope, doors);
}

function testRoute(scope: FastifyInstance, doors: SourceDoors): void {
  const limited = perMinute(TESTS_A_MINUTE, doors.now);
  scope.post("/v1/sources/:id/test", {
    schema: {
      summary: "Test a connection",
      description:
        "A delivery signed with the source's own secret goes the whole way, and its provider is asked once. Stores no event.",
      tags: ["ingest"],
      params: z.object({ id: z.string().max(64) }),
      response: { 200: Result, ...ERROR_ANSWERS },
    },
    async handler(request) {
      const { id } = request.params as { id: string };
      const caller = await requireCaller(doors.authenticator, request);
      // A browser sends a session's cookie by itself, from any page.
      if (caller.kind !== "api_key") throw new AppError("FORBIDDEN", "Tests need an API key.");
      const merchantId = reachedMerchant(caller, "events:write");
      limited(merchantId);
      const by = { actor: actorOf(caller), address: request.ip };
      return doors.testSource({ merchantId, sourceId: id, ...by });
    },
  });
}

/** Throws RATE_LIMITED for one call too many of the same caller within a minute. */
function perMinute(most: number, now: () => number): (who: string) => void {
  let since = now();
  const counts = new Map<string, number>();
  return (who) => {
    if (now() - since >= 60_000) {
      since = now();
      counts.clear();
    }
    const count = (counts.get(who) ?? 0) + 1;
    counts.set(who, count);
    if (count > most)
      throw new AppError("RATE_LIMITED", "Too many tests; wait a minute.", {
        details: { retryAfterS: 60 },
      });
  };
}
