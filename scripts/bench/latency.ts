// How long from an event to its alert and to its mail, one event at a time.
import { simpleParser } from "mailparser";
import type { MailServer } from "../faults/mail-server.ts";
import { type Spread, spread } from "./percentiles.ts";

type Given = { url: string; key: string; count: number; mail: MailServer };

const EVERY_MS = 250;
const WAIT_MS = 60_000;
/** Tills of their own numbers, so that no mail about the simulated shop is taken for one of these. */
const FIRST = 1_000;

/** Both from the event's own time, taken just before it is sent. The alert's time is the one that its transaction wrote. */
export async function measureLatency({
  url,
  key,
  count,
  mail,
}: Given): Promise<{ alert: Spread; mail: Spread }> {
  const authorization = `Bearer ${key}`;
  const before = mail.accepted.length;
  const sent = new Map<string, number>();
  for (let i = 0; i < count; i += 1) {
    const till = `latency-till-${FIRST + i}`;
    const ts = Date.now();
    sent.set(`terminal:${till}`, ts);
    await fetch(`${url}/v1/events`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({
        event_id: till,
        event_type: "file_changed",
        ts,
        store_id: "london",
        terminal_id: till,
        path: "/opt/till/app.bin",
        new_hash: "ab12",
        in_release: false,
      }),
    });
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  const deadline = Date.now() + WAIT_MS;
  const alerts = new Map<string, number>();
  while (alerts.size < count && Date.now() < deadline) {
    const response = await fetch(`${url}/v1/alerts?detection=file-integrity-change&limit=200`, {
      headers: { authorization },
    });
    const body = (await response.json()) as { alerts: { subject: string; opened_at: number }[] };
    for (const { subject, opened_at } of body.alerts)
      if (sent.has(subject)) alerts.set(subject, opened_at);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  while (mail.accepted.length - before < count && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const mails: number[] = [];
  for (const { raw, at } of mail.accepted.slice(before)) {
    const { text = "" } = await simpleParser(raw);
    const till = /, Till (\d+)/.exec(text)?.[1];
    const ts = sent.get(`terminal:latency-till-${till}`);
    if (ts !== undefined) mails.push(at - ts);
  }
  return {
    alert: spread([...alerts].map(([subject, at]) => at - (sent.get(subject) ?? at))),
    mail: spread(mails),
  };
}
