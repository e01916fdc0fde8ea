// What operators can see of alerts and mail: how many, and how long from the event on.
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Finding } from "../core/finding.ts";
import type { Mail } from "../stores/mails.ts";

export const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Older events came from an import or after an outage: their way says nothing about our speed. */
const LIVE_MS = 600_000;

export type AlertMetrics = {
  taken(finding: Finding, storedAt: number, say: string | null, now: number): void;
  sent(state: string, mail: Mail | undefined, now: number): void;
};

/** `waiting` counts mails that are due or on their way. */
export function alertMetrics(registry: Registry, waiting: () => Promise<number>): AlertMetrics {
  const registers = [registry];
  new Gauge({
    name: "tillwatch_mails_waiting",
    help: "Mails that are due or on their way.",
    registers,
    async collect() {
      this.set(await waiting());
    },
  });
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string) =>
    new Histogram({ name, help, buckets: SECONDS, registers });
  const findings = counter("tillwatch_alert_findings_total", "Findings taken, by what they did.", [
    "did",
    "level",
  ]);
  const mails = counter("tillwatch_mails_total", "Tries to send a mail, by outcome.", ["state"]);
  const toAlert = histogram(
    "tillwatch_event_to_alert_seconds",
    "From the instant of a live finding until its alert was stored.",
  );
  const fromStore = histogram(
    "tillwatch_finding_to_alert_seconds",
    "From a finding's row until its alert was stored.",
  );
  const toMail = histogram(
    "tillwatch_event_to_mail_accepted_seconds",
    "From the instant of a live finding until the mail server accepted its mail.",
  );
  return {
    taken(finding, storedAt, say, now) {
      findings.inc({ did: say ?? "added", level: finding.level });
      fromStore.observe(Math.max(0, now - storedAt) / 1000);
      if (isLive(finding.ts, now)) toAlert.observe((now - finding.ts) / 1000);
    },
    sent(state, mail, now) {
      mails.inc({ state });
      if (state === "accepted" && mail !== undefined && isLive(mail.event_ts, now)) {
        toMail.observe((now - mail.event_ts) / 1000);
      }
    },
  };
}

export function isLive(ts: number, now: number): boolean {
  return ts <= now && now - ts < LIVE_MS;
}
