// Chargebacks and warnings become labels of the alerts that show the payment, on a real ClickHouse and Postgres.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { standingLabel } from "../../core/alert-label.ts";
import type { Event } from "../../core/event.ts";
import { silentLog } from "../../core/log.ts";
import { listAlertLabels } from "../../stores/alert-labels.ts";
import { readAlert, saveAlert } from "../../stores/alerts.ts";
import { listAudit } from "../../stores/audit-log.ts";
import { labelsOf } from "../../stores/backtests.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { testPostgres } from "../../stores/connect/testing.ts";
import { EVENT_COLUMNS, encodeEvent } from "../../stores/event-columns.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { type TestClickHouse, testClickHouse } from "../../stores/testing.ts";
import { makeActOnAlert } from "../act.ts";
import { next } from "../lifecycle.ts";
import { aFinding, anEvidence } from "../testing.ts";
import { labelFromDisputes, startProviderLabels } from "./provider-labels.ts";

const AT = Date.UTC(2026, 10, 1, 10);
const DAY_MS = 86_400_000;
let handle: PostgresHandle;
let store: TestClickHouse;
let ours: string;
let theirs: string;
let clock = AT + 40 * DAY_MS;
const deps = () => ({ db: handle.db, ch: store.ch, now: () => clock, log: silentLog });
let files = 0;

beforeAll(async () => {
  handle = await testPostgres();
  store = await testClickHouse();
  const merchant = async (name: string) =>
    (
      await createMerchant(
        handle.db,
        { name, currency: "EUR", zone: "UTC", emails: [], is_demo: false },
        1,
      )
    ).id;
  ours = await merchant("ours");
  theirs = await merchant("theirs");
});
afterAll(async () => {
  await store?.close();
  await handle?.close();
});

async function stored(events: Partial<Event>[]): Promise<void> {
  files += 1;
  const path = join(store.folder, `events-${files}.rows`);
  const whole = events.map((one): Event => {
    const base = { event_type: "payment", merchant_id: ours, source: "stripe", ts: AT };
    return { ...base, received_ts: one.ts ?? AT, event_id: "", ...one } as Event;
  });
  writeFileSync(path, whole.map((one) => `${encodeEvent(one)}\n`).join(""));
  await store.ch.insertFile("events", EVENT_COLUMNS, path, `labels-${files}`);
}

/** An alert that shows these events. */
async function alertOn(merchantId: string, findingId: string, eventIds: string[]): Promise<string> {
  const evidence = eventIds.map((id) => anEvidence(id, { ts: AT }));
  const of = { id: findingId, merchant_id: merchantId, ts: AT, evidence };
  const input = { kind: "finding", finding: aFinding(of), cooldownMs: null } as const;
  const { alert } = next(undefined, input, AT + 1000);
  await saveAlert(handle.db, alert);
  return alert.id;
}

const dispute = (event_id: string, over: Partial<Event>): Partial<Event> => ({
  ...{ event_id, event_type: "dispute", dispute_kind: "chargeback", ts: AT + 30 * DAY_MS },
  ...over,
});

it("a chargeback labels the alert that shows the payment or its sale, and no other", async () => {
  await stored([
    { event_id: "p1", payment_id: "pay_1", sale_id: "s1" },
    { event_id: "r1", event_type: "refund", sale_id: "s1" },
    { event_id: "p2", payment_id: "pay_2", card_token: "tok" },
    { event_id: "p1", merchant_id: theirs, payment_id: "pay_1" },
  ]);
  const shown = await alertOn(ours, "f-payment", ["p1"]);
  const bySale = await alertOn(ours, "f-sale", ["x", "r1"]);
  const other = await alertOn(ours, "f-other", ["p2"]);
  const foreign = await alertOn(theirs, "f-theirs", ["p1"]);
  // An alert about the dispute itself must not be proved right by it.
  const itself = await alertOn(ours, "f-dispute", ["d1"]);
  await stored([dispute("d1", { payment_id: "pay_1", is_fraud: true, reason_code: "10.4" })]);

  expect(await labelFromDisputes(deps(), 0)).toBe(2);

  const labels = await listAlertLabels(handle.db, ours, shown);
  expect(labels).toMatchObject([
    {
      ...{ kind: "chargeback", actor: "provider:stripe", label: "fraud", event_id: "d1" },
      ...{ about: "pay_1", reason_code: "10.4", known_at: AT + 30 * DAY_MS },
    },
  ]);
  expect(await listAlertLabels(handle.db, ours, bySale)).toHaveLength(1);
  for (const id of [other, itself]) {
    expect(await listAlertLabels(handle.db, ours, id)).toEqual([]);
  }
  expect(await listAlertLabels(handle.db, theirs, foreign)).toEqual([]);
  const audit = await listAudit(handle.db, ours, { limit: 50 });
  expect(audit.filter(({ act }) => act === "alert.label")).toHaveLength(2);
});

it("looking again, and a later state of the same dispute, add nothing", async () => {
  await stored([dispute("d1-won", { payment_id: "pay_1", is_fraud: true, ts: AT + 31 * DAY_MS })]);
  expect(await labelFromDisputes(deps(), 0)).toBe(0);
  expect(await labelFromDisputes(deps(), 0)).toBe(0);
});

it("a person's verdict and the provider's word stand side by side; the alert keeps the person's", async () => {
  await stored([{ event_id: "p3", payment_id: "pay_3" }]);
  const alertId = await alertOn(ours, "f-both", ["p3"]);
  const on = { merchantId: ours, alertId };
  const act = makeActOnAlert({ db: handle.db, now: () => clock });
  const by = { actor: "account:owner", address: null };
  await act(on, { act: "resolve", label: "not_fraud", reason: null }, by);
  const warning = { dispute_kind: "warning", payment_id: "pay_3", is_fraud: true };
  await stored([dispute("w3", { ...warning, ts: AT + 32 * DAY_MS })]);

  expect(await labelFromDisputes(deps(), 0)).toBe(1);

  const labels = await listAlertLabels(handle.db, ours, alertId);
  expect(labels).toMatchObject([
    { kind: "verdict", label: "not_fraud", actor: "account:owner", known_at: clock },
    { kind: "warning", label: "fraud", event_id: "w3" },
  ]);
  expect((await readAlert(handle.db, ours, alertId))?.label).toBe("not_fraud");
  expect(standingLabel(labels, clock)).toMatchObject({ label: "not_fraud", by: "person" });
  clock += 1000;
  await act(on, { act: "reopen", reason: null }, by);
  const after = await listAlertLabels(handle.db, ours, alertId);
  expect(standingLabel(after, clock)).toMatchObject({ label: "fraud", by: "provider" });
  expect(standingLabel(after, clock - 1)).toMatchObject({ label: "not_fraud", by: "person" });
});

it("a backtest is judged by what was known then: providers' words where nobody judged", async () => {
  const span = { fromTs: AT - DAY_MS, toTs: AT + DAY_MS };
  const known = async (asOf: number) => (await labelsOf(handle.db, ours, span, asOf)).length;
  expect(await known(AT + 30 * DAY_MS - 1)).toBe(0);
  expect(await known(AT + 30 * DAY_MS)).toBe(2);
  expect(await known(clock)).toBe(3);
});

it("the running part labels by itself, by the card where no payment is named", async () => {
  await stored([{ event_id: "c1", card_token: "tok_9" }]);
  const alertId = await alertOn(ours, "f-card", ["c1"]);
  const byCard = { card_token: "tok_9", is_fraud: false, ts: AT + 33 * DAY_MS };
  await stored([dispute("dc", byCard)]);
  const running = startProviderLabels(deps(), 20);
  try {
    await expect
      .poll(() => listAlertLabels(handle.db, ours, alertId), { timeout: 10_000 })
      .toMatchObject([{ label: "unsure", about: "tok_9" }]);
  } finally {
    await running.close();
  }
});
