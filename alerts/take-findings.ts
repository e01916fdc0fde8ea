// Turns findings into alerts and due mails, all of a batch in one transaction: a crash repeats it or finds it done.
import type { Advise } from "../core/advice.ts";
import type { Alert, AlertChangeAct } from "../core/alert.ts";
import type { Finding } from "../core/finding.ts";
import {
  findGroup,
  findSnoozesOver,
  lockAlerts,
  saveAlert,
  takeFindings,
} from "../stores/alerts.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import type { MailKey } from "../stores/mails.ts";
import type { MessageKey } from "../stores/messages.ts";
import { countStanding, takeWithdrawn } from "../stores/withdrawals.ts";
import { type Due, DueMails } from "./due-mails.ts";
import { COOLDOWN_MS, next, type Say } from "./lifecycle.ts";
import { recordChange } from "./record-change.ts";

export type TakeDeps = {
  db: Postgres;
  advise: Advise;
  /** Right-hand side of every Message-ID. */
  mailHost: string;
  now: () => number;
};

export type Taken = {
  findings: { finding: Finding; stored_at: number; say: Say }[];
  mails: MailKey[];
  messages: MessageKey[];
};

/** In: at most how many findings. Out: what was taken, and the mails that are due since. */
export async function takeBatch(deps: TakeDeps, limit: number): Promise<Taken> {
  return await deps.db.transaction().execute(async (trx) => {
    await lockAlerts(trx);
    const now = deps.now();
    const batch = new Batch(trx, deps, now);
    for (const alert of await findSnoozesOver(trx, now, limit)) batch.wake(alert);
    const findings: Taken["findings"] = [];
    for (const { finding, stored_at } of await takeFindings(trx, limit, now)) {
      findings.push({ finding, stored_at, say: await batch.see(finding) });
    }
    for (const withdrawn of await takeWithdrawn(trx, limit)) await batch.withdraw(withdrawn);
    return { findings, ...(await batch.save()) };
  });
}

type Change = {
  before: Alert | undefined;
  after: Alert;
  act: AlertChangeAct;
  details: Record<string, string | number | null>;
};

/** Holds the alerts of one transaction, so that a burst on one subject costs one read and one write. */
class Batch {
  private readonly newest = new Map<string, Alert>();
  private readonly changed = new Map<string, Alert>();
  private readonly changes: Change[] = [];
  private readonly due: Due[] = [];
  private readonly trx: Postgres;
  private readonly deps: TakeDeps;
  private readonly now: number;

  constructor(trx: Postgres, deps: TakeDeps, now: number) {
    this.trx = trx;
    this.deps = deps;
    this.now = now;
  }

  async see(finding: Finding): Promise<Say> {
    const cooldownMs = this.deps.advise(finding.rule)?.cooldown_ms ?? COOLDOWN_MS;
    const group = JSON.stringify([finding.merchant_id, finding.detection, finding.subject]);
    const before =
      this.newest.get(group) ??
      (await findGroup(this.trx, finding.merchant_id, finding, cooldownMs));
    const { alert, say } = next(before, { kind: "finding", finding, cooldownMs }, this.now);
    this.newest.set(group, alert);
    this.keep(before?.id === alert.id ? before : undefined, alert);
    if (say !== null) this.due.push({ alert, kind: say, event_ts: finding.ts });
    return say;
  }

  /** The snooze of an alert is over. */
  wake(before: Alert): void {
    const { alert, say } = next(before, { kind: "wake" }, this.now);
    this.newest.set(JSON.stringify([alert.merchant_id, alert.detection, alert.subject]), alert);
    this.keep(before, alert);
    if (say !== null) this.due.push({ alert, kind: say, event_ts: alert.last_ts });
  }

  async withdraw({ finding, by }: { finding: Finding; by: string }): Promise<void> {
    const { merchant_id, detection, subject } = finding;
    const cooldownMs = this.deps.advise(finding.rule)?.cooldown_ms ?? COOLDOWN_MS;
    const group = JSON.stringify([merchant_id, detection, subject]);
    const before =
      this.newest.get(group) ?? (await findGroup(this.trx, merchant_id, finding, cooldownMs));
    if (before === undefined || before.state === "resolved") return;
    const span = { fromTs: before.first_ts, toTs: before.last_ts };
    const standing = await countStanding(this.trx, merchant_id, { detection, subject, ...span });
    const { alert, say } = next(before, { kind: "withdrawn", standing }, this.now);
    this.newest.set(group, alert);
    this.changed.set(alert.id, alert);
    if (say === null) return;
    this.due.push({ alert, kind: say, event_ts: finding.ts });
    this.changes.push({ before, after: alert, act: "withdraw", details: { event: by } });
  }

  /** Notes what the service itself changed: a new alert, a higher level, a snooze that is over. */
  private keep(before: Alert | undefined, after: Alert): void {
    this.changed.set(after.id, after);
    if (before === undefined) {
      this.changes.push({ before, after, act: "open", details: {} });
    } else if (before.level !== after.level) {
      const details = { from_level: before.level, hidden: before.hidden_count };
      this.changes.push({ before, after, act: "escalate", details });
    } else if (before.state !== after.state) {
      const details = { hidden: after.hidden_count };
      this.changes.push({ before, after, act: "wake", details });
    }
  }

  async save(): Promise<Pick<Taken, "mails" | "messages">> {
    const mails = new DueMails(this.trx, { now: this.now, mailHost: this.deps.mailHost });
    for (const due of this.due) {
      const { id } = due.alert;
      this.changed.set(id, await mails.judge(due, this.changed.get(id) ?? due.alert));
    }
    for (const alert of this.changed.values()) await saveAlert(this.trx, alert);
    for (const { before, after, ...change } of this.changes) {
      const by = { actor: "service", address: null, at: this.now };
      await recordChange(this.trx, { before, after }, { ...change, ...by });
    }
    return await mails.save();
  }
}
