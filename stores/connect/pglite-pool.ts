// Shows the one connection of PGlite as a `pg.Pool`, so that Kysely and BullMQ share it without mixing their transactions.
import { EventEmitter } from "node:events";
import type { PGlite, Results } from "@electric-sql/pglite";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";

export type SqlResult<R = Record<string, unknown>> = {
  rows: R[];
  rowCount: number | null;
  command: string;
};

/** The part of `pg.PoolClient` that our users need. A text without parameters may hold several statements; then look at no result. */
export type SqlClient = {
  query<R = Record<string, unknown>>(
    text: string,
    params?: readonly unknown[],
  ): Promise<SqlResult<R>>;
  /** Gives the connection back; an open transaction is rolled back. */
  release(destroy?: boolean | Error): void;
};

/** The part of `pg.Pool` that our users need: PGlite behind its mutex, or a real pool. */
export type PgPoolLike = {
  query<R = Record<string, unknown>>(
    text: string,
    params?: readonly unknown[],
  ): Promise<SqlResult<R>>;
  connect(): Promise<SqlClient>;
  end(): Promise<void>;
};

/** A transaction that lies idle this long is a forgotten one, or waits for itself; it must not stop everybody else. */
const IDLE_LIMIT_MS = 30_000;

type Limits = { log: Log; idleLimitMs?: number };

/** First come, first served: one holder at a time. */
class Turnstile {
  #waiting: (() => void)[] = [];
  #held = false;

  async enter(): Promise<void> {
    if (!this.#held) {
      this.#held = true;
      return;
    }
    await new Promise<void>((go) => this.#waiting.push(go));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#held = false;
    else next();
  }
}

/**
 * A pool over one PGlite. Every statement passes one FIFO mutex; a client that has begun a transaction keeps it until
 * the engine says that the transaction is over. `end()` waits for its turn and closes PGlite.
 */
export class PglitePool extends EventEmitter {
  /** BullMQ polls instead of listening unless it finds `keepAlive` here; nothing can drop silently in one process. */
  readonly options = { keepAlive: true };
  readonly #pglite: PGlite;
  readonly #turnstile = new Turnstile();
  readonly #clients = new Set<PgliteClient>();
  readonly #limits: Required<Limits>;
  #ending: Promise<void> | undefined;

  constructor(pglite: PGlite, limits: Limits) {
    super();
    this.setMaxListeners(0);
    this.#pglite = pglite;
    this.#limits = { idleLimitMs: IDLE_LIMIT_MS, ...limits };
    pglite.onNotification((channel, payload) => {
      for (const client of this.#clients) client.emit("notification", { channel, payload });
    });
  }

  async connect(): Promise<PgliteClient> {
    if (this.#ending !== undefined) throw ended();
    const client = new PgliteClient(this.#pglite, this.#turnstile, this.#limits);
    client.once("end", () => this.#clients.delete(client));
    this.#clients.add(client);
    return client;
  }

  async query<R = Record<string, unknown>>(
    text: string,
    params?: readonly unknown[],
  ): Promise<SqlResult<R>> {
    const client = await this.connect();
    try {
      return await client.query<R>(text, params);
    } finally {
      client.release();
    }
  }

  /** The data folder as a compressed tar, at a moment without an open transaction. Stops everybody for half a second. */
  async copy(): Promise<Buffer> {
    await this.#turnstile.enter();
    try {
      if (this.#pglite.closed) throw ended();
      return Buffer.from(await (await this.#pglite.dumpDataDir("gzip")).arrayBuffer());
    } finally {
      this.#turnstile.leave();
    }
  }

  end(): Promise<void> {
    this.#ending ??= (async () => {
      await this.#turnstile.enter();
      if (!this.#pglite.closed) await this.#pglite.close();
      this.#turnstile.leave();
    })();
    return this.#ending;
  }
}

function ended(): AppError {
  return new AppError("STORE_UNAVAILABLE", "The database is closed.");
}

/** One borrower of the connection. Its calls run in the order in which they were made, as in `pg`. */
export class PgliteClient extends EventEmitter {
  readonly #pglite: PGlite;
  readonly #turnstile: Turnstile;
  readonly #limits: Required<Limits>;
  #holds = false;
  #released = false;
  #evicted = false;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(pglite: PGlite, turnstile: Turnstile, limits: Required<Limits>) {
    super();
    this.setMaxListeners(0);
    this.#pglite = pglite;
    this.#turnstile = turnstile;
    this.#limits = limits;
  }

  query<R = Record<string, unknown>>(
    text: string,
    params?: readonly unknown[],
  ): Promise<SqlResult<R>> {
    if (this.#released) return Promise.reject(new Error("This client was given back."));
    return this.#inTurn(() => this.#run<R>(text, params));
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.removeAllListeners("notification");
    this.emit("end");
    void this.#inTurn(() => this.#abandon());
  }

  /** Chains a step behind the earlier ones of this client, whether they went well or not. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run<R>(text: string, params: readonly unknown[] | undefined): Promise<SqlResult<R>> {
    if (this.#evicted) {
      this.#evicted = false;
      throw new AppError("STORE_UNAVAILABLE", "The transaction lay idle too long and was undone.");
    }
    clearTimeout(this.#idle);
    if (!this.#holds) {
      await this.#turnstile.enter();
      this.#holds = true;
    }
    try {
      return await send<R>(this.#pglite, text, params);
    } finally {
      this.#settle();
    }
  }

  /** Asks the engine, not the text, whether a transaction is open: that holds for comments, savepoints and failed commits. */
  #settle(): void {
    if (!this.#pglite.closed && this.#pglite.isInTransaction()) {
      this.#idle = setTimeout(() => this.#evict(), this.#limits.idleLimitMs);
      this.#idle.unref();
      return;
    }
    this.#holds = false;
    this.#turnstile.leave();
  }

  async #abandon(): Promise<void> {
    clearTimeout(this.#idle);
    if (!this.#holds) return;
    try {
      await this.#pglite.exec("ROLLBACK");
    } finally {
      this.#holds = false;
      this.#turnstile.leave();
    }
  }

  #evict(): void {
    this.#limits.log.error(
      { idleMs: this.#limits.idleLimitMs },
      "a transaction lay idle and was rolled back; was another connection used inside it?",
    );
    this.#evicted = true;
    void this.#inTurn(() => this.#abandon());
  }
}

async function send<R>(
  pglite: PGlite,
  text: string,
  params: readonly unknown[] | undefined,
): Promise<SqlResult<R>> {
  const results =
    params === undefined || params.length === 0
      ? await pglite.exec(text)
      : [await pglite.query(text, [...params])];
  const last = results.at(-1) as Results<R> | undefined;
  return {
    rows: last?.rows ?? [],
    rowCount: last?.rowCount ?? last?.affectedRows ?? null,
    command: last?.command ?? "",
  };
}
