// A backtest over this installation's history: in the service that holds the data folder, or here when none runs.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../core/config.ts";
import { AppError } from "../../core/errors.ts";
import { silentLog } from "../../core/log.ts";
import type { BacktestReport, BacktestRun } from "../../detectors/backtest/backtest.ts";
import { answer, type BacktestRequest } from "../../detectors/backtest/jobs.ts";
import { openClickHouse } from "../../stores/connect/clickhouse.ts";
import { lockDataFolder } from "../../stores/connect/data-lock.ts";
import { openPostgres } from "../../stores/connect/postgres.ts";
import { migrateClickHouse, migratePostgres } from "../../stores/migrate.ts";
import type { Act, ActResult } from "../admin/act.ts";
import { backtestCancel, backtestShow, backtestStart } from "../admin/backtest-acts.ts";
import { reach } from "../admin/reach.ts";

type Config = ReturnType<typeof readConfig>;
const ASK_EVERY_MS = 250;

/** Throws what the signal carries when it is aborted; the query in ClickHouse has ended by then. */
export async function backtestStore(
  merchantId: string,
  request: BacktestRequest,
  run: BacktestRun,
): Promise<BacktestReport> {
  const config = readConfig(process.env, (path) => readFileSync(path, "utf8"));
  const lock = tryLock(config.dataDir);
  if (lock === undefined) return await inService(config, { merchantId, request }, run);
  try {
    return await here(config, { merchantId, request }, run);
  } finally {
    lock.release();
  }
}

function tryLock(dataDir: string) {
  try {
    return lockDataFolder(dataDir);
  } catch (fault) {
    if (fault instanceof AppError && fault.code === "DATA_FOLDER_LOCKED") return undefined;
    throw fault;
  }
}

type Asked = { merchantId: string; request: BacktestRequest };

async function here(config: Config, asked: Asked, run: BacktestRun): Promise<BacktestReport> {
  const postgres = await openPostgres(config, silentLog);
  try {
    await migratePostgres(postgres);
    const ch = await openClickHouse(config, silentLog);
    try {
      await migrateClickHouse(ch);
      return await answer({ db: postgres.db, ch, now: Date.now }, asked, run);
    } finally {
      await ch.close();
    }
  } finally {
    await postgres.close();
  }
}

async function inService(
  config: Config,
  { merchantId: merchant, request }: Asked,
  { signal, onProgress }: BacktestRun,
): Promise<BacktestReport> {
  const { from, to, ...change } = request;
  const input = { merchant, from, to, change: JSON.stringify(change) };
  const { id } = await act(config, backtestStart, input);
  for (;;) {
    if (signal?.aborted) {
      await act(config, backtestCancel, { merchant, id });
      signal.throwIfAborted();
    }
    const now = await act(config, backtestShow, { merchant, id });
    if (now.state === "done") return now.report as BacktestReport;
    if (now.state === "failed" || now.state === "cancelled") {
      throw new AppError("CONFLICT", String(now.error ?? "The backtest was ended."));
    }
    onProgress?.(Number(now.progress), String(now.doing));
    await sleep(ASK_EVERY_MS);
  }
}

async function act(config: Config, of: Act, input: unknown): Promise<ActResult> {
  const answered = await reach(config, silentLog, of, input);
  if (answered.ok) return answered.result;
  throw new AppError(answered.why === "refused" ? "CONFLICT" : "REQUEST_INVALID", answered.message);
}
