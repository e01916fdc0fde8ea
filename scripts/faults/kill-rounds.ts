// Breaks the service at random moments while events stream in, then counts what became of each event, finding, alert and mail.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../core/config.ts";
import { silentLog } from "../../core/log.ts";
import { openClickHouse } from "../../stores/connect/clickhouse.ts";
import { openPostgres } from "../../stores/connect/postgres.ts";
import { makeRandom } from "../simulate/random.ts";
import { breakIt, type Fault, openGround } from "./faults.ts";
import { startMailServer } from "./mail-server.ts";
import { admin, freePort, type RunningService, startRunningService } from "./running-service.ts";
import { makeSender } from "./sender.ts";

export type KillReport = {
  rounds: number;
  /** How often each fault came. */
  faults: Partial<Record<Fault, number>>;
  acknowledged: number;
  /** Acknowledged, but not in ClickHouse. Must be 0. */
  lost: number;
  /** In ClickHouse more than once. Must be 0. */
  counted_twice: number;
  /** Of the due subjects: detections with more than one finding. Must be 0. */
  findings_doubled: number;
  alerts_due: number;
  /** Subjects whose events were all acknowledged, without an alert. Must be 0. */
  alerts_missing: number;
  /** Detection and subject with more than one alert. Must be 0. */
  alerts_doubled: number;
  mails_accepted: number;
  /** Message-IDs that the mail server took more than once. Must be 0. */
  mails_doubled: number;
  /** Alerts of which neither the server took a mail nor the ledger says "maybe". Must be 0. */
  mails_missing: number;
  /** Mails of which nobody can know; shown as such. */
  mails_maybe: number;
  /** Service starts, in ms: median and longest. */
  start_ms: { median: number; max: number };
};

type Options = {
  rounds: number;
  seed: string;
  /** Which faults are drawn; more than kills alone also shuffle the events and send some again. */
  faults?: readonly Fault[];
  say?: (line: string) => void;
};

/** Runs the rounds in a data folder of their own, which is removed at the end. Needs about 3 s a round. */
export async function killRounds(of: Options): Promise<KillReport> {
  const { rounds, seed, faults = ["kill"], say = () => {} } = of;
  const ground = openGround(mkdtempSync(join(tmpdir(), "tillwatch-kill-")), faults);
  const { dataDir } = ground;
  const mail = await startMailServer();
  const port = await freePort();
  const options = {
    dataDir,
    port,
    env: {
      TILLWATCH_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
      TILLWATCH_SMTP_REQUIRE_TLS: "false",
      TILLWATCH_METRICS_TOKEN: METRICS_TOKEN,
      ...ground.env,
    },
  };
  let service: RunningService | undefined;
  try {
    const owner = "owner@shop.example";
    const made = await admin(options, "merchant", "create", "--name", "Soho", "--email", owner);
    const merchantId = String(made.merchant_id);
    // Every alert must be told, so that a missing mail is seen.
    const loud = ["--alerts", "100000", "--mails", "100000"];
    await admin(options, "merchant", "noise", "--merchant", merchantId, ...loud);
    const random = makeRandom(seed);
    const sender = makeSender(String(made.api_key), seed, faults.length > 1);
    const came: KillReport["faults"] = {};
    const starts: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      if (service === undefined) {
        const before = Date.now();
        service = await startRunningService(options);
        starts.push(Date.now() - before);
      }
      const stop = new AbortController();
      const sending = sender.run(service.url, stop.signal);
      await new Promise((resolve) => setTimeout(resolve, random.int(50, 1_500)));
      const fault = random.pick(faults);
      came[fault] = (came[fault] ?? 0) + 1;
      const survives = await breakIt(fault, { service, ground, random });
      stop.abort();
      await sending;
      if (!survives) service = undefined;
      say(
        `round ${round}, ${fault}: ${sender.acknowledged.size} events acknowledged, ${mail.accepted.length} mails taken`,
      );
    }
    await service?.stop();
    service = undefined;
    await settle(options);
    return {
      rounds,
      faults: came,
      ...(await count(dataDir, merchantId, sender, mail.accepted)),
      start_ms: spread(starts),
    };
  } finally {
    await service?.kill9();
    await mail.close();
    ground.close();
  }
}

/** One last start without a kill, until no event, no finding and no mail is waiting. A mail cut off in the middle takes half a minute. */
async function settle(options: Parameters<typeof startRunningService>[0]): Promise<void> {
  const service = await startRunningService(options);
  const deadline = Date.now() + 120_000;
  let quiet = 0;
  while (quiet < 5 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const waiting = await metrics(service.url, WAITING);
    quiet = waiting.every((count) => count === 0) ? quiet + 1 : 0;
  }
  await service.stop();
}

const METRICS_TOKEN = "faults-metrics-token-of-no-secret";

const WAITING = ["tillwatch_detector_held_events", "tillwatch_mails_waiting"];

async function metrics(url: string, names: readonly string[]): Promise<number[]> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  return names.map((name) =>
    Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN),
  );
}

type Mail = { messageId: string };

async function count(
  dataDir: string,
  merchantId: string,
  sender: ReturnType<typeof makeSender>,
  accepted: readonly Mail[],
): Promise<Omit<KillReport, "rounds" | "faults" | "start_ms">> {
  const config = readConfig({ TILLWATCH_DATA: dataDir }, () => "");
  const stored = await storedCounts(config, merchantId);
  const handle = await openPostgres(config, silentLog);
  const alerts = await handle.db
    .selectFrom("alert")
    .select(["id", "subject", "detection"])
    .where("merchant_id", "=", merchantId)
    .execute();
  const mails = await handle.db
    .selectFrom("mail")
    .select(["alert_id", "message_id", "state"])
    .where("merchant_id", "=", merchantId)
    .execute();
  const findings = await handle.db
    .selectFrom("finding")
    .select(["subject", "detection"])
    .where("merchant_id", "=", merchantId)
    .execute();
  await handle.close();

  const ids = [...sender.acknowledged];
  const bySubject = Map.groupBy(alerts, (alert) => alert.subject);
  const dueSubjects = [...sender.due].filter(([, events]) =>
    events.every((id) => sender.acknowledged.has(id)),
  );
  const taken = Map.groupBy(accepted, (mail) => mail.messageId);
  const told = new Set(
    mails
      .filter((mail) => taken.has(mail.message_id.replace(/[<>]/g, "")) || mail.state === "maybe")
      .map((mail) => mail.alert_id),
  );
  return {
    acknowledged: ids.length,
    lost: ids.filter((id) => !stored.has(id)).length,
    counted_twice: [...stored.values()].filter((times) => times > 1).length,
    findings_doubled: doubled(findings.filter(({ subject }) => sender.due.has(subject))),
    alerts_due: dueSubjects.length,
    alerts_missing: dueSubjects.filter(([subject]) => !bySubject.has(subject)).length,
    alerts_doubled: doubled(alerts),
    mails_accepted: accepted.length,
    mails_doubled: [...taken.values()].filter((same) => same.length > 1).length,
    mails_missing: alerts.filter((alert) => !told.has(alert.id)).length,
    mails_maybe: mails.filter((mail) => mail.state === "maybe").length,
  };
}

function doubled(rows: readonly { detection: string; subject: string }[]): number {
  const same = Map.groupBy(rows, ({ detection, subject }) => `${detection} ${subject}`);
  return [...same.values()].filter(({ length }) => length > 1).length;
}

async function storedCounts(
  config: ReturnType<typeof readConfig>,
  merchantId: string,
): Promise<Map<string, number>> {
  const ch = await openClickHouse(config, silentLog);
  try {
    const rows = await ch.query<{ event_id: string; times: string | number }>(
      merchantId,
      "SELECT event_id, count() AS times FROM events WHERE merchant_id = {merchant:String} GROUP BY event_id",
      { merchant: merchantId },
    );
    return new Map(rows.map((row) => [row.event_id, Number(row.times)]));
  } finally {
    await ch.close();
  }
}

function spread(values: readonly number[]): { median: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
}
