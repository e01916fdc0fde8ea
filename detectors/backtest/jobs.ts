// Backtests that the service carries out: one at a time, seen while they run, ended on request.
import { AppError } from "../../core/errors.ts";
import { newId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import {
  addBacktest,
  type Backtest,
  failUnfinished,
  labelsOf,
  moveBacktest,
  readBacktest,
} from "../../stores/backtests.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { findMerchant } from "../../stores/merchants.ts";
import { listStores } from "../../stores/places.ts";
import { type BacktestReport, type BacktestRun, runBacktest } from "./backtest.ts";
import { checkSpan, inForce } from "./in-force.ts";
import { type BacktestChange, prepareBacktest } from "./prepare.ts";
import type { Suggestion } from "./suggest.ts";
import { planSuggestion, type SuggestRequest, suggestKnobs } from "./suggest-run.ts";

/** Times are UTC ms, both ends included. */
export type BacktestRequest = BacktestChange & { from: number; to: number };

/** What a job does: a backtest, or one after the other to suggest knobs of a rule. */
type Job = BacktestRequest | SuggestRequest;

export type BacktestDeps = { db: Postgres; ch: ClickHouse; now: () => number; log: Log };

export type Backtests = {
  /** Queues one. Throws RULE_INVALID, REQUEST_INVALID, CONFLICT when too many wait. */
  start(merchantId: string, request: Job, askedBy: string): Promise<Backtest>;
  /** Ends one that waits or runs, and its query; CONFLICT when it has ended, NOT_FOUND when it is not there. */
  cancel(merchantId: string, id: string): Promise<Backtest>;
  close(): Promise<void>;
};

const MOST_WAITING = 5;
const TELL_EVERY_MS = 300;

/** What left unfinished when the service stopped is told as failed: nobody goes on with it. */
export async function makeBacktests(deps: BacktestDeps): Promise<Backtests> {
  await failUnfinished(deps.db, "The service stopped before it was done.", deps.now());
  const waiting = new Map<string, { merchantId: string; ender: AbortController }>();
  let queue: Promise<void> = Promise.resolve();
  return {
    async start(merchantId, request, askedBy) {
      await checkJob(deps, merchantId, request);
      const own = [...waiting.values()].filter((one) => one.merchantId === merchantId);
      if (own.length >= MOST_WAITING) {
        throw new AppError("CONFLICT", `${MOST_WAITING} backtests wait already; end one first.`);
      }
      const id = newId("bt", deps.now());
      const row = {
        merchant_id: merchantId,
        id,
        asked_by: askedBy,
        request,
        created_at: deps.now(),
      };
      await addBacktest(deps.db, row);
      const ender = new AbortController();
      waiting.set(id, { merchantId, ender });
      queue = queue
        .then(() => carryOut(deps, { merchantId, id, request }, ender.signal))
        .catch((error: unknown) => deps.log.error({ error, backtest: id }, "backtest"))
        .finally(() => waiting.delete(id));
      return await known(deps.db, merchantId, id);
    },
    async cancel(merchantId, id) {
      await known(deps.db, merchantId, id);
      const end = { state: "cancelled" as const, finished_at: deps.now() };
      const moved = await moveBacktest(deps.db, { merchant_id: merchantId, id }, end);
      if (!moved) throw new AppError("CONFLICT", "This backtest has ended.");
      waiting.get(id)?.ender.abort(new Error("cancelled"));
      return await known(deps.db, merchantId, id);
    },
    async close() {
      for (const { ender } of waiting.values()) ender.abort(new Error("the service stops"));
      await queue;
    },
  };
}

async function checkJob(deps: BacktestDeps, merchantId: string, request: Job): Promise<void> {
  if ("suggest" in request) {
    await planSuggestion(deps, merchantId, request);
    return;
  }
  checkSpan(request);
  const { files, options } = await inForce(deps.db, merchantId);
  prepareBacktest(files, request, options);
}

async function report(
  deps: BacktestDeps,
  { merchantId, request }: { merchantId: string; request: Job },
  run: BacktestRun,
): Promise<BacktestReport | Suggestion> {
  if ("suggest" in request) return await suggestKnobs(deps, { merchantId, request }, run);
  return await answer(deps, { merchantId, request }, run);
}

async function known(db: Postgres, merchantId: string, id: string): Promise<Backtest> {
  const found = await readBacktest(db, merchantId, id);
  if (found !== undefined) return found;
  throw new AppError("NOT_FOUND", "There is no such backtest for this caller.");
}

async function carryOut(
  deps: BacktestDeps,
  of: { merchantId: string; id: string; request: Job },
  signal: AbortSignal,
): Promise<void> {
  const { db, now } = deps;
  const row = { merchant_id: of.merchantId, id: of.id };
  if (!(await moveBacktest(db, row, { state: "running" }))) return;
  let toldAt = 0;
  const onProgress = (progress: number, doing: string) => {
    if (now() - toldAt < TELL_EVERY_MS) return;
    toldAt = now();
    void moveBacktest(db, row, { progress, doing }).catch(() => undefined);
  };
  try {
    const made = await report(deps, of, { signal, onProgress });
    await moveBacktest(db, row, {
      state: "done",
      report: made,
      progress: 1,
      doing: "",
      finished_at: now(),
    });
  } catch (error) {
    const known = error instanceof AppError && error.code !== "INTERNAL";
    if (!known && !signal.aborted) deps.log.error({ error, backtest: of.id }, "backtest failed");
    const words = known ? (error as AppError).message : "A fault of ours; it is in the log.";
    const told = signal.aborted ? "The service stopped before it was done." : words;
    await moveBacktest(db, row, { state: "failed", error: told, finished_at: now() });
  }
}

/** The report itself, also for the command line when no service runs. */
export async function answer(
  { db, ch, now }: Pick<BacktestDeps, "db" | "ch" | "now">,
  { merchantId, request }: { merchantId: string; request: BacktestRequest },
  run: BacktestRun,
): Promise<BacktestReport> {
  checkSpan(request);
  const merchant = await findMerchant(db, merchantId);
  if (merchant === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
  const { files, options, lists } = await inForce(db, merchantId);
  const prepared = prepareBacktest(files, request, options);
  const { currency } = merchant;
  const span = { merchantId, currency, fromTs: request.from, toTs: request.to, lists };
  const labels = await labelsOf(db, merchantId, span, now());
  const stores = (await listStores(db, merchantId)).length;
  return await runBacktest(ch, prepared, { span: { ...span, stores }, labels }, run);
}
