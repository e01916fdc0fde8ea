// What an error of ClickHouse means for us: the rows are at fault, the engine is away for now, or we asked for nonsense.
import { AppError } from "../../core/errors.ts";

/** Codes that say: these very rows can never be stored. Splitting the file finds them. */
const ROWS_AT_FAULT = new Set([
  6, 25, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 407, 467, 469, 563, 634, 675,
]);
/** Codes that pass: time, memory, load, disk, a server in trouble or read-only, a query that was cancelled. */
const PASSES = new Set([
  159, 160, 164, 173, 202, 203, 209, 210, 236, 241, 242, 243, 252, 285, 305, 319, 394, 425, 999,
]);
const TOO_MANY_PARTITIONS = /too many partitions for single INSERT block/i;

function codeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  const code = Number(error.code);
  return Number.isInteger(code) && code > 0 ? code : undefined;
}

/** Any fault of a client call as an AppError; the cause stays beneath. */
export function clickHouseFault(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  const words = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (code === undefined || PASSES.has(code)) {
    const splits = code === 252 && TOO_MANY_PARTITIONS.test(words);
    return new AppError(
      splits ? "INTERNAL" : "STORE_UNAVAILABLE",
      `ClickHouse, ${doing}: ${words}`,
      {
        cause: error,
        details: { clickhouseCode: code, rowsAtFault: splits },
      },
    );
  }
  return new AppError("INTERNAL", `ClickHouse, ${doing}: ${words}`, {
    cause: error,
    details: { clickhouseCode: code, rowsAtFault: ROWS_AT_FAULT.has(code) },
  });
}

/** True when an insert failed for its rows and not for the engine: trying again cannot help, splitting can. */
export function rowsAtFault(error: unknown): boolean {
  return error instanceof AppError && error.details.rowsAtFault === true;
}
