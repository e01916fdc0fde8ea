// Signs the audit log's heads at the start, hourly and at a stop, anchors them nightly, and says aloud where a chain is
// broken.
import type { AuditSigner } from "../core/audit-signature.ts";
import type { Log } from "../core/log.ts";
import { anchorAudit, lastAnchoredAt } from "../stores/audit-anchors.ts";
import { signAuditHeads } from "../stores/audit-signatures.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import type { Postgres } from "../stores/connect/postgres.ts";

type Given = {
  db: Postgres;
  ch: ClickHouse;
  signer: AuditSigner;
  now: () => number;
  log: Log;
  everyMs?: number;
};

/** A failure is logged and tried again an hour later. `close` signs once more. */
export function startAuditSigning({ everyMs = 3_600_000, ...given }: Given): {
  close(): Promise<void>;
} {
  let running = sign(given).then(() => anchor(given));
  const timer = setInterval(() => {
    running = running.then(() => sign(given)).then(() => anchor(given));
  }, everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
      await sign(given);
    },
  };
}

async function sign({ db, signer, now, log }: Given): Promise<void> {
  try {
    const { broken } = await signAuditHeads(db, signer, now());
    for (const { chain, seq, why } of broken) {
      log.error({ chain, seq, why }, "the audit log was changed; its head is not signed");
    }
  } catch (err) {
    log.warn({ err }, "signing the audit log failed");
  }
}

const DAY_MS = 86_400_000;

/** Once a day in UTC, at the first turn of the new day: a service that was down then does it when it is back. */
async function anchor({ db, ch, now, log }: Given): Promise<void> {
  const at = now();
  try {
    const last = await lastAnchoredAt(ch);
    if (Math.floor(last / DAY_MS) === Math.floor(at / DAY_MS)) return;
    const chains = await anchorAudit(db, ch, at);
    if (chains > 0) log.info({ chains }, "the audit log was anchored");
  } catch (err) {
    log.warn({ err }, "anchoring the audit log failed; it is tried again within the hour");
  }
}
