// Gathers how a merchant's connections are doing.
import type { SourceConnection } from "../../core/merchant.ts";
import { listAsking } from "../../stores/asking.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import {
  apiTraffic,
  quarantinedBySource,
  setupBodies,
  sourceTraffic,
} from "../../stores/source-health.ts";
import { listSources, listTroubles } from "../../stores/sources.ts";
import { TEST_KEY } from "../deliveries.ts";
import { type AskedHealth, type Gap, type HealthState, judgeHealth } from "./judge-health.ts";

export type SourceHealth = Omit<SourceConnection, "id" | "merchant_id"> & {
  source_id: string;
  path: string;
  state: HealthState;
  words: string;
  last_delivery_at: number | null;
  deliveries_24h: number;
  quarantined: number;
  last_error: { words: string; at: number } | null;
  gaps: Gap[];
  asks: AskedHealth[];
  /** What the provider wants to have pasted at its own page before it sends more. */
  verification_code?: string;
};

type Given = { db: Postgres; ch: ClickHouse; now: () => number };

/** What is still in the spool does not count yet: seconds. */
export async function sourceHealth(
  { db, ch, now }: Given,
  merchantId: string,
): Promise<SourceHealth[]> {
  const nowMs = now();
  const sources = await listSources(db, merchantId);
  const rows = await listAsking(db, merchantId);
  const troubles = new Map((await listTroubles(db, merchantId)).map((one) => [one.source_id, one]));
  const traffic = new Map(
    (await sourceTraffic(ch, merchantId, { nowMs, testKey: TEST_KEY })).map((one) => [
      one.source_id,
      one,
    ]),
  );
  const api = await apiTraffic(ch, merchantId, nowMs);
  const aside = await quarantinedBySource(ch, merchantId);
  const codes = sources.some(({ kind }) => kind === "clover")
    ? new Map((await setupBodies(ch, merchantId)).map((one) => [one.source_id, codeOf(one.body)]))
    : new Map<string, string | undefined>();
  return sources.map(({ id, merchant_id: _, ...source }) => {
    const came = source.kind === "api" ? api : traffic.get(id);
    const trouble = troubles.get(id);
    const facts = {
      last_delivery_at: came === undefined ? null : Number(came.last_delivery_at),
      quarantined: aside.get(id) ?? 0,
      asks: rows.filter(({ source_id }) => source_id === id).map(askedHealth),
    };
    const refused = trouble === undefined ? null : { words: trouble.words, at: trouble.at };
    const minutes = (came?.minutes ?? []).map(Number);
    return {
      source_id: id,
      path: `/in/${source.kind}/${id}`,
      ...source,
      ...judgeHealth({ nowMs, ...source, ...facts, minutes, refused }),
      ...facts,
      deliveries_24h: Number(came?.deliveries_24h ?? 0),
      last_error: latestError(refused, facts.asks),
      ...(codes.get(id) === undefined ? {} : { verification_code: codes.get(id) }),
    };
  });
}

function codeOf(body: string): string | undefined {
  const code = (JSON.parse(body) as { verificationCode?: unknown }).verificationCode;
  return typeof code === "string" ? code.slice(0, 200) : undefined;
}

function askedHealth({
  what,
  last_ok_at,
  next_at,
  last_error,
  last_error_at,
  failures,
}: AskedHealth) {
  return { what, last_ok_at, next_at, last_error, last_error_at, failures };
}

function latestError(
  refused: { words: string; at: number } | null,
  asks: readonly AskedHealth[],
): { words: string; at: number } | null {
  let latest = refused;
  for (const { last_error: words, last_error_at: at } of asks)
    if (words !== null && at !== null && at > (latest?.at ?? 0)) latest = { words, at };
  return latest;
}
