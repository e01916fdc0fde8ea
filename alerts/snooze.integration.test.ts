// A snooze keeps quiet what it should, through the store: it holds beyond the cool-down, ends by itself and says what it hid.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Finding } from "../core/finding.ts";
import { listAlertChanges } from "../stores/alert-changes.ts";
import { listAlerts } from "../stores/alerts.ts";
import { listAudit, verifyAuditChain } from "../stores/audit-log.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { listMails } from "../stores/mails.ts";
import { createMerchant } from "../stores/merchants.ts";
import { makeActOnAlert } from "./act.ts";
import { takeBatch } from "./take-findings.ts";
import { aFinding, anEvidence, insertFindings } from "./testing.ts";

let handle: PostgresHandle;
let merchant = "";
let now = aFinding().ts + 60_000;
beforeAll(async () => {
  handle = await testPostgres();
  const shop = { name: "Shop", currency: "EUR", zone: "UTC", emails: ["a@b.example"] };
  merchant = (await createMerchant(handle.db, { ...shop, is_demo: false }, 1)).id;
});
afterAll(() => handle.close());

const DAY = 86_400_000;
const advise = () => undefined;
const take = () =>
  takeBatch({ db: handle.db, advise, mailHost: "tillwatch.test", now: () => now }, 100);
const finding = (id: string, ts: number): Finding =>
  aFinding({ id, ts, merchant_id: merchant, evidence: [anEvidence(id, { ts })], event_count: 1 });
const alerts = () => listAlerts(handle.db, merchant, { limit: 10 });
const mailKinds = async () =>
  (await listMails(handle.db, merchant, { limit: 10 })).map(({ kind }) => kind).sort();

it("snoozed for five days: four findings later one alert, no mail; then it wakes once and says so once", async () => {
  await insertFindings(handle, [finding("f0", now)]);
  await take();
  const [first] = await alerts();
  if (first === undefined) throw new Error("an alert was opened");
  const until = now + 5 * DAY;
  const act = makeActOnAlert({ db: handle.db, now: () => now });
  const on = { merchantId: merchant, alertId: first.id };
  const by = { actor: "account:owner", address: "203.0.113.9" };
  await act(on, { act: "snooze", until, reason: "stocktaking" }, by);
  for (const day of [1, 2, 3, 4]) {
    now += DAY;
    await insertFindings(handle, [finding(`f${day}`, now)]);
    await take();
  }
  expect(await alerts()).toMatchObject([{ id: first.id, state: "snoozed", hidden_count: 4 }]);
  expect(await mailKinds()).toEqual(["opened"]);
  now = until - 1;
  await take();
  expect(await alerts()).toMatchObject([{ state: "snoozed" }]);
  now = until;
  await take();
  await take();
  expect(await alerts()).toMatchObject([{ state: "open", finding_count: 5, hidden_count: 4 }]);
  expect(await mailKinds()).toEqual(["opened", `woke_${until}`]);
  expect(await listAlertChanges(handle.db, merchant, first.id)).toMatchObject([
    { seq: 1, act: "open", actor: "service", from_state: null, to_state: "open" },
    { seq: 2, act: "snooze", actor: "account:owner", address: "203.0.113.9", details: { until } },
    { seq: 3, act: "wake", actor: "service", from_state: "snoozed", details: { hidden: 4 } },
  ]);
  const audit = await listAudit(handle.db, merchant, { limit: 10 });
  expect(audit.map((entry) => entry.act)).toEqual(["alert.wake", "alert.snooze"]);
  expect(await verifyAuditChain(handle.db, merchant)).toMatchObject({ ok: true });
});
