// Tests a connection: a delivery signed with its own secret goes the whole way, and its provider is asked once.
import { AppError } from "../../core/errors.ts";
import { findAskedSource } from "../../stores/asking.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { findSource } from "../../stores/sources.ts";
import type { Spool } from "../../stores/spool.ts";
import { type AskLimits, askProvider } from "../asking/ask-provider.ts";
import { SOURCES } from "../catalogue.ts";
import type { Deliveries } from "../deliveries.ts";
import { makeTestDelivery } from "./test-delivery.ts";

export type TestStep = { step: "delivery" | "asking"; ok: boolean; words: string };
export type TestResult = { ok: boolean; steps: TestStep[] };

export type TestTools = {
  db: Postgres;
  sealKey: string;
  deliveries: Pick<Deliveries, "take">;
  spool: Pick<Spool, "flush">;
  base: string | null;
  limits: AskLimits;
  now: () => number;
};
export type TestOf = {
  merchantId: string;
  sourceId: string;
  actor: string;
  address: string | null;
};

/** Throws NOT_FOUND where the merchant has no such source. */
export async function testSource(tools: TestTools, of: TestOf): Promise<TestResult> {
  const { db, sealKey, now } = tools;
  const found = await findSource(db, of.sourceId, sealKey, now());
  if (found === undefined || found.connection.merchant_id !== of.merchantId)
    throw new AppError("NOT_FOUND", "This merchant has no such source.");
  const steps = [await testDelivery(tools, found), ...(await testAsking(tools, of))];
  const ok = steps.every((step) => step.ok);
  await db.transaction().execute((trx) =>
    appendAudit(trx, {
      ...{ act: "source.test", subject: `source:${of.sourceId}`, at: now() },
      ...{ actor: of.actor, address: of.address, merchant_id: of.merchantId, details: { ok } },
    }),
  );
  return { ok, steps };
}

async function testDelivery(
  { deliveries, spool, now }: TestTools,
  { connection, secrets }: NonNullable<Awaited<ReturnType<typeof findSource>>>,
): Promise<TestStep> {
  const made = makeTestDelivery({ connection, secret: secrets[0] ?? "", nowMs: now() });
  try {
    const { kind, id } = connection;
    const answer = await deliveries.take({ kind, connectionId: id, ...made, isTest: true });
    if (answer.outcome !== "ignored")
      return { step: "delivery", ok: false, words: `It was ${answer.outcome}.` };
    await spool.flush();
    const words =
      "A delivery signed with this source's secret was accepted, understood and stored; it counts as no event.";
    return { step: "delivery", ok: true, words };
  } catch (fault) {
    if (!(fault instanceof AppError)) throw fault;
    return { step: "delivery", ok: false, words: `${fault.code}: ${fault.message}` };
  }
}

/** Asks the first question of the first list; what is answered is thrown away. */
async function testAsking(tools: TestTools, of: TestOf): Promise<TestStep[]> {
  const key = { merchant_id: of.merchantId, source_id: of.sourceId };
  const source = await findAskedSource(tools.db, key, tools.sealKey);
  if (source === undefined) return [];
  const { account, kind, created_at: sinceMs } = source.connection;
  const { asking } = SOURCES[kind];
  const [poll] = asking?.polls ?? [];
  if (asking === undefined || poll === undefined || account === null) return [];
  const host = asking.hosts.find((one) => one === source.host) ?? asking.hosts[0];
  const outcome = await askProvider(poll.ask(null, { account, sinceMs, nowMs: tools.now() }), {
    base: tools.base ?? `https://${host}`,
    headers: asking.headers(source.token),
    limits: tools.limits,
    now: tools.now,
  });
  return [
    outcome.ok
      ? { step: "asking", ok: true, words: `${host} answered.` }
      : { step: "asking", ok: false, words: outcome.fault.words },
  ];
}
