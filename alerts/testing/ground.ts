// Where tests run alerts as the service does: a database, a job queue of the file's own, a mail server, and the worker.
import { Registry } from "prom-client";
import { silentLog } from "../../core/log.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import type { QueueHandle } from "../../stores/connect/queue.ts";
import { testPostgres, testQueue } from "../../stores/connect/testing.ts";
import { type MailServer, startMailServer } from "../testing.ts";
import { type Alerts, startAlerts } from "../worker.ts";

export const LINK_KEY = "l".repeat(43);
export const PUBLIC_URL = "https://watch.example";

export type AlertsGround = {
  handle: PostgresHandle;
  queue: QueueHandle;
  server: MailServer;
  /** A worker; `smtp` false: no mail server is set. */
  start(over?: { now?: () => number; smtp?: boolean; firstPauseMs?: number }): Promise<Alerts>;
  /** Ends every worker, then the rest. */
  close(): Promise<void>;
};

export async function openAlertsGround(): Promise<AlertsGround> {
  const handle = await testPostgres();
  const queue = await testQueue(handle);
  const server = await startMailServer();
  const workers: Alerts[] = [];
  return {
    handle,
    queue,
    server,
    async start({ now = Date.now, smtp = true, firstPauseMs } = {}) {
      const worker = await startAlerts({
        db: handle.db,
        queue,
        config: {
          smtp: smtp ? { url: server.url, requireTls: false } : null,
          mailFrom: "Tillwatch <tillwatch@alerts.example>",
          publicUrl: PUBLIC_URL,
        },
        secrets: { LINK_KEY },
        advise: () => undefined,
        now,
        log: silentLog,
        metrics: new Registry(),
        ...(firstPauseMs === undefined ? {} : { firstPauseMs }),
      });
      workers.push(worker);
      return worker;
    },
    async close() {
      for (const worker of workers) await worker.close();
      await queue.close();
      await handle.close();
      await server.close();
    },
  };
}
