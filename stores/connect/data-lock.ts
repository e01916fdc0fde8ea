// One process owns the data folder: the kernel holds the lock and frees it even after `kill -9`, which a pid file cannot.
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AppError } from "../../core/errors.ts";

export type DataLock = { release(): void };

/** Open locks. Who forgets the answer must not lose the lock to the garbage collector, which closes a database. */
const held = new Set<DatabaseSync>();

/**
 * Makes the data folder (mode 0700) where it is missing, and takes it for this process until `release` or its end.
 * In: dir, the data folder. Throws DATA_FOLDER_LOCKED when another process, or this one already, holds it.
 */
export function lockDataFolder(dir: string): DataLock {
  makeDataFolder(dir);
  const database = new DatabaseSync(join(dir, "lock"), { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (!isBusy(cause)) throw cause;
    throw new AppError(
      "DATA_FOLDER_LOCKED",
      `Another Tillwatch process works on ${dir}. Stop it first, or set TILLWATCH_DATA to another folder.`,
      { cause },
    );
  }
  held.add(database);
  return {
    release() {
      if (held.delete(database)) database.close();
    },
  };
}

function makeDataFolder(dir: string): void {
  const made = mkdirSync(dir, { recursive: true, mode: 0o700 });
  // The umask may only take rights away, but a folder made by hand is often open to others.
  if (made === undefined) chmodSync(dir, 0o700);
}

const SQLITE_BUSY = 5;

function isBusy(fault: unknown): boolean {
  return fault instanceof Error && "errcode" in fault && fault.errcode === SQLITE_BUSY;
}
