// Signs the audit log's heads at the start, hourly and at a stop, and says aloud where a chain is broken.
import type { AuditSigner } from "../core/audit-signature.ts";
import type { Log } from "../core/log.ts";
import { signAuditHeads } from "../stores/audit-signatures.ts";
import type { Postgres } from "../stores/connect/postgres.ts";

type Given = {
  db: Postgres;
  signer: AuditSigner;
  now: () => number;
  log: Log;
  everyMs?: number;
};

/** A failure is logged and tried again an hour later. `close` signs once more. */
export function startAuditSigning({ everyMs = 3_600_000, ...given }: Given): {
  close(): Promise<void>;
} {
  let running = sign(given);
  const timer = setInterval(() => {
    running = running.then(() => sign(given));
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
