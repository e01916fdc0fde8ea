// Withdrawn findings leave their alert; an alert of which nothing stands closes itself and says so once.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Finding } from "../core/finding.ts";
import { listAlerts } from "../stores/alerts.ts";
import { listAudit } from "../stores/audit-log.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { saveJudged } from "../stores/findings.ts";
import { listMails } from "../stores/mails.ts";
import { createMerchant } from "../stores/merchants.ts";
import { takeBatch } from "./take-findings.ts";
import { aFinding } from "./testing.ts";

let handle: PostgresHandle;
let merchant = "";
beforeAll(async () => {
  handle = await testPostgres();
  const shop = {
    name: "Shop",
    currency: "EUR",
    zone: "UTC",
    emails: ["a@b.example"],
    is_demo: false,
  };
  merchant = (await createMerchant(handle.db, shop, 1)).id;
});
afterAll(() => handle.close());

const NOW = 1_764_000_000_000;
const finding = (id: string, ts: number): Finding =>
  aFinding({ id, ts, merchant_id: merchant, group: { ip: "203.0.113.9" } });
const deps = () => ({
  db: handle.db,
  advise: () => undefined,
  mailHost: "tillwatch.test",
  now: () => NOW + 60_000,
});
const position = { instant: NOW, received_ts: NOW };
const withdraw = (fromTs: number, toTs: number, kept: readonly Finding[] = []) => {
  const { rule, rule_version: version, group } = finding("x", NOW);
  const rejudged = [{ rule, version, group, fromTs, toTs, by: "late-1" }];
  return saveJudged(handle.db, merchant, { findings: kept, position, rejudged }, NOW + 50_000);
};
const alert = async () => (await listAlerts(handle.db, merchant, { limit: 10 }))[0];
const mailKinds = async () =>
  (await listMails(handle.db, merchant, { limit: 10 })).map(({ kind }) => kind).sort();

it("one of two is struck out, then the other: closed, told once, noted in the audit log", async () => {
  const both = [finding("f1", NOW), finding("f2", NOW + 1000)];
  await saveJudged(handle.db, merchant, { findings: both, position }, NOW);
  await takeBatch(deps(), 100);
  expect(await alert()).toMatchObject({ state: "open", finding_count: 2 });

  // The second was found again, so it stands.
  expect(await withdraw(NOW, NOW + 1000, [both[1] as Finding])).toBe(1);
  await takeBatch(deps(), 100);
  expect(await alert()).toMatchObject({ state: "open", finding_count: 1 });
  expect(await mailKinds()).toEqual(["opened"]);

  expect(await withdraw(NOW + 1000, NOW + 1000)).toBe(1);
  await takeBatch(deps(), 100);
  await takeBatch(deps(), 100);
  expect(await alert()).toMatchObject({
    ...{ state: "resolved", label: null, resolved_by: "service", finding_count: 0 },
    reason: expect.stringContaining("late"),
  });
  expect(await mailKinds()).toEqual(["opened", "withdrawn"]);
  const audit = await listAudit(handle.db, merchant, { limit: 10 });
  expect(audit.filter(({ act }) => act === "alert.withdraw")).toMatchObject([
    { actor: "service", details: { event: "late-1" } },
  ]);
});

it("what is withdrawn before any alert took it makes none", async () => {
  const early = { ...finding("f9", NOW + 9000), subject: "device:203.0.113.77" as const };
  await saveJudged(handle.db, merchant, { findings: [early], position }, NOW);
  await withdraw(NOW + 9000, NOW + 9000);
  const { findings } = await takeBatch(deps(), 100);
  expect(findings).toEqual([]);
});

it.each([
  ["another group", { group: { ip: "203.0.113.10" } }],
  ["another version", { version: 2 }],
  ["another rule", { rule: "other" }],
  ["another stretch", { fromTs: NOW + 70_001, toTs: NOW + 80_000 }],
])("%s is left alone", async (_, change) => {
  const stays = finding(`stays ${JSON.stringify(change)}`, NOW + 70_000);
  await saveJudged(handle.db, merchant, { findings: [stays], position }, NOW);
  const { rule, rule_version: version, group } = stays;
  const of = { rule, version, group, fromTs: NOW + 69_000, toTs: NOW + 71_000, by: "l", ...change };
  const judged = { findings: [], position, rejudged: [of] };
  expect(await saveJudged(handle.db, merchant, judged, NOW)).toBe(0);
});
