// The engine inside the child: one writer in line, a few readers each with an engine session of its own.
import { randomBytes } from "node:crypto";
import { type ChdbQueryStream, Session } from "chdb";
import { DATABASE } from "../../clickhouse-tables.ts";
import { EngineError, tooMany } from "./engine-error.ts";
import { quote } from "./quote.ts";
import { makeSlots } from "./slots.ts";

/** `streams`: a SELECT; `scope` is a merchant's id or `*`; `params` are TSV-escaped texts by name; `limits` are checked settings. */
export type ReadRequest = {
  sql: string;
  streams: boolean;
  scope: string;
  params: Readonly<Record<string, string>>;
  limits: Readonly<Record<string, string>>;
  signal: AbortSignal;
};

/** `read` streams bytes; `write` runs one statement after the other. Both throw with the engine's words. */
export type Engine = {
  version: string;
  read(request: ReadRequest): AsyncGenerator<Uint8Array>;
  write(sql: string): Promise<void>;
  /** False while one write has been running for over a minute, or the writer does not answer within 5 s. */
  alive(): Promise<boolean>;
  /** Resolves when the write at hand is through, or after `ms`. */
  drain(ms: number): Promise<void>;
};

const STUCK_MS = 60_000;
const ANSWER_MS = 5000;

export function openEngine(dataDir: string, configFile: string, readers: number): Engine {
  const open = () => new Session(dataDir, { connectionArgs: [`--config-file=${configFile}`] });
  const writer = open();
  writer.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE} ENGINE = Atomic`);
  writer.query(`USE ${DATABASE}`);
  writer.query("SET log_comment = '*'");
  const version = writer.query("SELECT version()", "TabSeparated").trim();
  const slots = makeSlots(readers, 64, () => tooMany("All readers are busy; try again."));
  const line = makeLine((sql) => writer.queryAsync(sql).then(() => undefined));

  return {
    version,
    write: line.run,
    async *read(request) {
      const release = await slots.take();
      const session = open();
      try {
        yield* readIn(session, request, open);
      } finally {
        session.close();
        release();
      }
    },
    async alive() {
      if (line.busyMs() > STUCK_MS) return false;
      if (line.busyMs() > 0) return true;
      return within(line.run("SELECT 1 FORMAT Null"), ANSWER_MS);
    },
    async drain(ms) {
      await within(line.run("SELECT 1 FORMAT Null"), ms);
    },
  };
}

/** The settings that make a session one merchant's, read-only, and bounded. */
export function sessionSettings(request: Pick<ReadRequest, "scope" | "params" | "limits">): string {
  const set = Object.entries(request.limits).map(([name, value]) => `${name} = ${quote(value)}`);
  for (const [name, value] of Object.entries(request.params)) {
    set.push(`param_${name} = ${quote(value)}`);
  }
  set.push(`log_comment = ${quote(request.scope)}`);
  return `SET ${set.join(", ")}, readonly = 1`;
}

async function* readIn(
  session: Session,
  request: ReadRequest,
  open: () => Session,
): AsyncGenerator<Uint8Array> {
  if (request.signal.aborted) return;
  session.query(`USE ${DATABASE}`);
  session.query(sessionSettings(request));
  const tag = `tw:${randomBytes(12).toString("hex")}`;
  let stream: ChdbQueryStream | undefined;
  const kill = () => killByTag(open, tag);
  request.signal.addEventListener("abort", kill, { once: true });
  try {
    const sql = `/* ${tag} */ ${request.sql}`;
    // SHOW, DESCRIBE and EXPLAIN cannot be streamed; their answers are small.
    if (!request.streams) {
      yield (await session.queryAsync(sql, { format: "TabSeparated" })).bytes();
      return;
    }
    stream = session.queryStream(sql, { format: "TabSeparated" });
    for await (const chunk of stream) yield chunk.raw();
  } finally {
    request.signal.removeEventListener("abort", kill);
    stream?.cancel();
  }
}

/** Ends a running read. Never SYNC: that hangs. */
function killByTag(open: () => Session, tag: string): void {
  const session = open();
  session
    .queryAsync(
      `KILL QUERY WHERE query LIKE '%${tag}%' AND query NOT LIKE 'KILL%' ASYNC FORMAT Null`,
    )
    .catch(() => undefined)
    .finally(() => session.close());
}

/** One statement at a time, in the order of the calls; a failed one does not stop the next. */
function makeLine(work: (sql: string) => Promise<void>) {
  let last: Promise<unknown> = Promise.resolve();
  let since = 0;
  const run = (sql: string): Promise<void> => {
    const mine = last.then(async () => {
      since = performance.now();
      try {
        await work(sql);
      } finally {
        since = 0;
      }
    });
    last = mine.catch(() => undefined);
    return mine;
  };
  return { run, busyMs: () => (since === 0 ? 0 : performance.now() - since) };
}

async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    return false;
  } finally {
    clearTimeout(timer);
  }
}
