// A whole alert service in a process of its own, for tests that kill it: `node kill-child.ts <data folder> <smtp url> <findings>`.
import { Registry } from "prom-client";
import { silentLog } from "../../core/log.ts";
import { openPostgres } from "../../stores/connect/postgres.ts";
import { openQueue } from "../../stores/connect/queue.ts";
import { listMails } from "../../stores/mails.ts";
import { createMerchant, findMerchant } from "../../stores/merchants.ts";
import { migratePostgres } from "../../stores/migrate.ts";
import { setNoise } from "../../stores/noise.ts";
import { aFinding, insertFindings } from "../testing.ts";
import { startAlerts } from "../worker.ts";

const [dataDir = "", smtpUrl = "", count = "0"] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

const handle = await openPostgres({ postgres: { kind: "embedded" }, dataDir }, silentLog);
await migratePostgres(handle);
if ((await findMerchant(handle.db, "mer_kill")) === undefined) {
  const merchant = { name: "Kill", currency: "EUR", zone: "UTC", emails: ["o@kill.example"] };
  await createMerchant(handle.db, { ...merchant, id: "mer_kill", is_demo: false }, Date.now());
  const loud = { alerts_a_week: 100_000, mails_an_hour: 100_000 };
  await setNoise(handle.db, "mer_kill", loud, Date.now());
}
const alerts = await startAlerts({
  db: handle.db,
  queue: await openQueue({ queue: { kind: "postgres" } }, handle),
  config: {
    smtp: { url: smtpUrl, requireTls: false },
    mailFrom: "t@alerts.example",
    publicUrl: "https://watch.example",
  },
  secrets: { LINK_KEY: "link-key-of-a-test-and-no-secret-at-all" },
  advise: () => undefined,
  now: Date.now,
  log: silentLog,
  metrics: new Registry(),
});
say("ready");
for (let n = 0; n < Number(count); n += 1) {
  const id = `${process.pid}-${n}`;
  await insertFindings(handle, [aFinding({ id, merchant_id: "mer_kill", subject: `card:${id}` })]);
  say(`stored ${id}`);
  alerts.wake();
}
await alerts.idle();
const mails = await listMails(handle.db, "mer_kill", { limit: 200 });
say(`idle ${JSON.stringify(mails.map(({ message_id, state }) => ({ message_id, state })))}`);
