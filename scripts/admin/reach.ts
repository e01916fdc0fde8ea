// Carries an act out: in this process where the data folder is free, else in the service that holds it.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Config } from "../../core/config.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { type DataLock, lockDataFolder } from "../../stores/connect/data-lock.ts";
import { openPostgres } from "../../stores/connect/postgres.ts";
import { resolveSecrets } from "../../stores/connect/secrets.ts";
import { migratePostgres } from "../../stores/migrate.ts";
import type { Act } from "./act.ts";
import { type ActAnswer, runAct } from "./run-act.ts";
import { ADMIN_PATH, readAdminFile } from "./service-door.ts";

/** A service may take that long to start; until then its door answers 503. */
const WAIT_MS = 60_000;
const AGAIN_MS = 150;

/**
 * Runs the act. A service that is still starting, or another command, is waited for; DATA_FOLDER_LOCKED after a minute.
 * With a Postgres server the folder's lock is only a way to find a running service, not a condition.
 */
export async function reach(
  config: Config,
  log: Log,
  act: Act,
  input: unknown,
): Promise<ActAnswer> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const lock = tryLock(config.dataDir);
    if (lock !== undefined) {
      try {
        return await runHere(config, log, act, input);
      } finally {
        lock.release();
      }
    }
    const answer = await askService(config.dataDir, act, input);
    if (answer !== undefined) return answer;
    if (config.postgres.kind === "server" && readAdminFile(config.dataDir) === undefined) {
      return runHere(config, log, act, input);
    }
    if (Date.now() > deadline) {
      throw new AppError(
        "DATA_FOLDER_LOCKED",
        `Another process holds ${config.dataDir} and does not answer the command line.`,
      );
    }
    await sleep(AGAIN_MS);
  }
}

function tryLock(dataDir: string): DataLock | undefined {
  try {
    return lockDataFolder(dataDir);
  } catch (fault) {
    if (fault instanceof AppError && fault.code === "DATA_FOLDER_LOCKED") return undefined;
    throw fault;
  }
}

async function runHere(config: Config, log: Log, act: Act, input: unknown): Promise<ActAnswer> {
  const secrets = resolveSecrets(config, config.dataDir);
  const postgres = await openPostgres(config, log);
  try {
    await migratePostgres(postgres);
    const { publicUrl, defaults, dataDir, outbound } = config;
    const given = { db: postgres.db, secrets, publicUrl, defaults, dataDir, outbound };
    const deps = { ...given, now: Date.now, onChanged() {} };
    return await runAct(act, deps, input);
  } finally {
    await postgres.close();
  }
}

const Answer: z.ZodType<ActAnswer> = z.union([
  z.object({ ok: z.literal(true), result: z.record(z.string(), z.unknown()) }),
  z.object({
    ok: z.literal(false),
    why: z.enum(["refused", "wrong use"]),
    code: z.string(),
    message: z.string(),
  }),
]);

const RefusedByShell = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The service's answer, or undefined where it is not there yet: no file, no listener, still starting, or an old token. */
async function askService(
  dataDir: string,
  act: Act,
  input: unknown,
): Promise<ActAnswer | undefined> {
  const door = readAdminFile(dataDir);
  if (door === undefined) return undefined;
  const body = JSON.stringify({ act: act.name, input });
  const response = await fetch(door.url + ADMIN_PATH, {
    method: "POST",
    headers: { authorization: `Bearer ${door.token}`, "content-type": "application/json" },
    body,
    redirect: "error",
    signal: AbortSignal.timeout(30_000),
  }).catch((fault: unknown) => {
    // A time-out is no proof that nothing was done, so the act is not sent again.
    if (fault instanceof Error && fault.name === "TimeoutError") throw fault;
    return undefined;
  });
  if (response === undefined || response.status === 401) return undefined;
  const text = await response.text();
  if (response.ok) return Answer.parse(JSON.parse(text));
  const { error } = RefusedByShell.parse(JSON.parse(text));
  if (error.code === "STARTING") return undefined;
  return { ok: false, why: "refused", code: error.code, message: error.message };
}
