// Runs alerts: takes findings as they come, and sends the mails that are due. The rows are the truth, jobs only wake.
import type { Registry } from "prom-client";
import type { Advise } from "../core/advice.ts";
import type { Config } from "../core/config.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Secrets } from "../core/settings.ts";
import { countUntaken } from "../stores/alerts.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import type { QueueHandle } from "../stores/connect/queue.ts";
import { countMoving, type MailKey, mailsOfTheFuture, staleMails } from "../stores/mails.ts";
import { alertMetrics } from "./alert-metrics.ts";
import { type EmailChannel, openEmailChannel, parseSender } from "./channels/email.ts";
import { makeDigests } from "./digest/send-digests.ts";
import { escalateDue } from "./escalate.ts";
import { MAX_ATTEMPTS, sendMail } from "./send-mail.ts";
import { takeBatch } from "./take-findings.ts";
import { tellHeld } from "./tell-held.ts";

export type AlertsDeps = {
  db: Postgres;
  queue: QueueHandle;
  config: Pick<Config, "smtp" | "mailFrom" | "publicUrl"> & Partial<Pick<Config, "dkim">>;
  secrets: Pick<Secrets, "LINK_KEY">;
  /** What the rules' authors say; `detectors/catalogue.ts` knows. */
  advise: Advise;
  now: () => number;
  log: Log;
  metrics: Registry;
  /** Messages by channels were added. */
  onMessages?: () => void;
  /** First pause before a mail is tried again; later ones double. */
  firstPauseMs?: number;
};

/** `wake`: findings were stored. `idle`: resolves when none is left and every mail was tried. `close` lets running work end. */
export type Alerts = { wake(): void; idle(): Promise<void>; close(): Promise<void> };

const QUEUE = "alerts-mail";
/** Makes BullMQ try again; the reason is logged already and stands in the row. */
const NOT_TAKEN = "The mail server did not take it.";
const BATCH = 200;
const LOOK_MS = 2_000;
const SWEEP_MS = 10_000;
/** A mail that nobody touched for so long has lost its job; known jobs are not added twice. */
const STALE_MS = 60_000;

export async function startAlerts(deps: AlertsDeps): Promise<Alerts> {
  const { db, log, now } = deps;
  const from = parseSender(deps.config.mailFrom);
  const mailHost = from.address.split("@").at(-1) ?? "localhost";
  const metrics = alertMetrics(deps.metrics, () => countMoving(db));
  const jobs = startMailJobs(deps, channelOf(deps.config, from), metrics);
  const taker = repeatable(async () => {
    for (;;) {
      const taken = await takeBatch({ db, advise: deps.advise, mailHost, now }, BATCH);
      for (const { finding, stored_at, say } of taken.findings) {
        metrics.taken(finding, stored_at, say, now());
      }
      await jobs.add(taken.mails);
      if (taken.messages.length > 0) deps.onMessages?.();
      if (taken.findings.length < BATCH) break;
    }
    const passedOn = await escalateDue({ db, mailHost, now, log });
    await jobs.add(passedOn.mails);
    if (passedOn.messages > 0) deps.onMessages?.();
    const letters = { db, publicUrl: deps.config.publicUrl, mailHost, now };
    await jobs.add(await tellHeld(letters));
    await jobs.add(await makeDigests(letters));
  }, log);
  await jobs.add(await staleMails(db, now()));
  await jobs.sweep();
  taker.run();
  const timers = [setInterval(taker.run, LOOK_MS), setInterval(() => void jobs.sweep(), SWEEP_MS)];
  return {
    wake: taker.run,
    async idle() {
      do {
        taker.run();
        await taker.settled();
        await new Promise((resolve) => setTimeout(resolve, 20));
      } while ((await countUntaken(db)) > 0 || (await countMoving(db)) > 0);
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await taker.settled();
      await jobs.close();
    },
  };
}

function channelOf(
  { smtp, dkim = null }: Pick<Config, "smtp"> & Partial<Pick<Config, "dkim">>,
  from: { name: string; address: string },
): EmailChannel | null {
  return smtp === null ? null : openEmailChannel({ ...smtp, from, dkim });
}

function startMailJobs(
  deps: AlertsDeps,
  channel: EmailChannel | null,
  metrics: ReturnType<typeof alertMetrics>,
) {
  const { db, log, now } = deps;
  const { publicUrl } = deps.config;
  const linkKey = deps.secrets.LINK_KEY;
  const sender = { db, channel, advise: deps.advise, publicUrl, linkKey, now, log };
  const queue = deps.queue.queue(QUEUE, {
    defaultJobOptions: {
      attempts: MAX_ATTEMPTS,
      backoff: { type: "exponential", delay: deps.firstPauseMs ?? 30_000 },
      // A job that is kept would stop the sweep from adding it again.
      removeOnFail: true,
    },
  });
  const worker = deps.queue.worker(
    QUEUE,
    async (job) => {
      const { state, mail } = await sendMail(sender, job.data as MailKey);
      metrics.sent(state, mail, now());
      if (state === "again") throw new AppError("STORE_UNAVAILABLE", NOT_TAKEN);
    },
    { concurrency: 5, lockDuration: 20_000, stalledInterval: 10_000, maxStalledCount: 20 },
  );
  worker.on("failed", (job, error) => {
    if (error.message === NOT_TAKEN) return;
    log.error({ err: error, job: job?.id }, "sending a mail failed");
  });
  /** `anew` makes other job ids: a job that is known under the plain one is not added again. */
  const add = async (keys: readonly MailKey[], anew = "") => {
    for (const key of keys) await queue.add("send", key, { jobId: `${key.id}${anew}` });
  };
  return {
    add: (keys: readonly MailKey[]) => add(keys),
    async sweep() {
      const at = now();
      try {
        await add(await staleMails(db, at - STALE_MS));
        // Their jobs may be locked or put off until a time that the clock has taken back.
        await add(await mailsOfTheFuture(db, at, STALE_MS), `.${at}`);
      } catch (error) {
        log.warn({ err: error }, "could not look for forgotten mails");
      }
    },
    close: () => worker.close(),
  };
}

/** Runs `work` now, or once more after the run that is going on; never two at once. Faults are logged, the next run tries again. */
function repeatable(work: () => Promise<void>, log: Log) {
  let running: Promise<void> | undefined;
  let again = false;
  async function loop(): Promise<void> {
    do {
      again = false;
      try {
        await work();
      } catch (error) {
        log.error({ err: error }, "findings could not be turned into alerts");
      }
    } while (again);
    running = undefined;
  }
  return {
    run(): void {
      if (running === undefined) running = loop();
      else again = true;
    },
    settled: async (): Promise<void> => running,
  };
}
