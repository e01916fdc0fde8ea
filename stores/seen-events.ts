// Which event ids are known, so that a re-sent delivery counts once.
import type { Log } from "../core/log.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";

export type EventKey = { merchantId: string; eventId: string; ts: number; storeId?: string };
export type SeenEvents = {
  /** "new": the caller now holds the claim and must settle it. "known": it is stored or durable. */
  claim(merchantId: string, eventId: string, ts: number, storeId?: string): Promise<"new" | "known">;
  /** As claim, but undefined when the answer needs a wait: then call claim. */
  claimSync(merchantId: string, eventId: string, ts: number, storeId?: string): "new" | "known" | undefined;
  /** Ends a claim: durable = it is on disk; else the next claimer gets "new". */
  settle(merchantId: string, eventId: string, durable: boolean): void;
  size(): number;
  close(): void;
};
/** `horizon` = how many ids are held in memory (default 5 million). Call after the spool's leftovers are flushed. */
export declare function openSeenEvents(options: { ch: ClickHouse; horizon?: number; log?: Log }): Promise<SeenEvents>;
