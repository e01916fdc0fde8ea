// Asks the service what its rules say of imported history: a backtest by event time. It makes a report; no alert, no mail.
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { BacktestReport } from "../../detectors/backtest/backtest.ts";
import { BACKTEST_STATES } from "../../stores/postgres/backtest-tables.ts";

export type DetectOptions = {
  url: string;
  /** API key with alerts:write and alerts:read. */
  key: string;
  /** UTC ms of the first and the last event, both included. */
  span: { from: number; to: number };
  fetch: typeof fetch;
  sleep: (ms: number) => Promise<void>;
  onProgress: (progress: number, doing: string) => void;
};

const Asked = z.object({
  id: z.string(),
  state: z.enum(BACKTEST_STATES),
  progress: z.number(),
  doing: z.string(),
  error: z.string().nullable(),
  report: z.unknown(),
});
const POLL_MS = 500;

/** Waits for the report. Throws REQUEST_INVALID with the service's words where it refuses or fails. */
export async function detectHistory(
  options: DetectOptions,
): Promise<{ backtest: string; report: BacktestReport }> {
  const { from, to } = options.span;
  // A span that holds a single instant is none to the service.
  let one = await ask(options, "/v1/backtests", { from, to: Math.max(to, from + 1) });
  while (one.state === "queued" || one.state === "running") {
    options.onProgress(one.progress, one.doing);
    await options.sleep(POLL_MS);
    one = await ask(options, `/v1/backtests/${one.id}`);
  }
  if (one.state !== "done") {
    throw new AppError("REQUEST_INVALID", `The detection ${one.state}: ${one.error ?? ""}`);
  }
  return { backtest: one.id, report: one.report as BacktestReport };
}

async function ask(options: DetectOptions, path: string, body?: object) {
  const answer = await options.fetch(new URL(path, options.url), {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${options.key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) {
    const hint = answer.status === 403 ? " The key needs alerts:read and alerts:write too." : "";
    const words = `The service refused with ${answer.status}: ${text.slice(0, 300)}${hint}`;
    throw new AppError("REQUEST_INVALID", words);
  }
  return Asked.parse(JSON.parse(text));
}
