// What every act of the command line has: a name, its options, and one function that both ways in call.
import { z } from "zod";
import { maskCardData } from "../../core/card-data.ts";
import type { Config } from "../../core/config.ts";
import type { Secrets } from "../../core/settings.ts";
import type { Backtests } from "../../detectors/backtest/jobs.ts";
import type { TestOf, TestResult } from "../../ingest/connection/test-source.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";

/** `onChanged` is called after a change, so that a running service drops what it remembers of keys and sources. */
export type ActDeps = {
  db: Postgres;
  secrets: Secrets;
  dataDir: string;
  publicUrl: string;
  defaults: Config["defaults"];
  /** Where channels may connect to. */
  outbound: Config["outbound"];
  now: () => number;
  /** Only in a running service. */
  backtests?: Backtests;
  /** Only in a running service: the event store, and a way to bring all that waits into it. */
  rows?: { ch: ClickHouse; flush(): Promise<void> };
  /** Only in a running service. */
  testSource?: (of: TestOf) => Promise<TestResult>;
  onChanged(): void;
};

/** What an act answers: printed as JSON, or in words. */
export type ActResult = Record<string, unknown>;

/** `flag` names stand in the help; `many` may be given several times; `secret` may be `-`, standard input. */
export type ActOption = { about: string; value: string; many?: boolean; secret?: boolean };

export type Act = {
  /** Two words as typed: `merchant create`; one for `link`. */
  name: string;
  about: string;
  options: Record<string, ActOption>;
  /** Checks the input, then acts. Throws ZodError for wrong use, AppError for a refusal. */
  run(deps: ActDeps, input: unknown): Promise<ActResult>;
};

/** Ties an input's shape to its act. */
export function defineAct<S extends z.ZodObject>(
  act: Omit<Act, "run"> & {
    input: S;
    run(deps: ActDeps, input: z.infer<S>): Promise<ActResult>;
  },
): Act {
  const { input, run, ...rest } = act;
  return { ...rest, run: async (deps, given) => run(deps, input.parse(given)) };
}

/** A text that a person typed: printable, of bounded length, without card data. */
export function typedText(most: number) {
  return z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(most, `at most ${most} characters`)
    .refine((text) => !/\p{Cc}/u.test(text), "must not hold control characters")
    .refine((text) => maskCardData(text).found.length === 0, "must not hold card data");
}

export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "is not an id");

/** An entry for the audit log from the command line. */
export function cliEntry(act: string, subject: string, at: number) {
  return { actor: "cli", act, subject, at, address: null };
}
