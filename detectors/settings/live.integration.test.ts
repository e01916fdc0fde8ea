// Settings on real stores while the detectors run: they follow within a second, and what was judged stays as it was.
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Event } from "../../core/event.ts";
import { silentLog } from "../../core/log.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { testPostgres } from "../../stores/connect/testing.ts";
import { encodeEvent } from "../../stores/event-columns.ts";
import { countByRule, findingsOfRule, type KeptFinding } from "../../stores/findings.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { openSpool, type Spool } from "../../stores/spool.ts";
import { type TestClickHouse, testClickHouse } from "../../stores/testing.ts";
import { loadCatalogue, readRuleFiles } from "../catalogue.ts";
import {
  type Decided,
  decideEntries,
  decideExclusion,
  decideRule,
  decideSnooze,
  type Standing,
} from "../engine/tune/change.ts";
import { createTuner } from "../engine/tune/tuned.ts";
import { explainAlert, explainEvent, explainFinding } from "../explain.ts";
import { type Detectors, startDetectors } from "../run.ts";
import { change } from "./changes.ts";
import { inForce, rulesOverview } from "./overview.ts";

const RULE = "card_testing_by_ip";
const rules = loadCatalogue();
const tuner = createTuner(rules, readRuleFiles);
let clickhouse: TestClickHouse;
let postgres: PostgresHandle;
let spool: Spool;
let detectors: Detectors;
let merchant = "";
let nth = 0;

beforeAll(async () => {
  clickhouse = await testClickHouse();
  postgres = await testPostgres();
  spool = await openSpool({
    dir: join(clickhouse.folder, "spool"),
    ch: clickhouse.ch,
    limits: { maxBytes: 1e9, reserveBytes: 0 },
    log: silentLog,
    now: Date.now,
  });
  detectors = await startDetectors({
    ...{ db: postgres.db, ch: clickhouse.ch, spool, rules, now: Date.now, log: silentLog },
    metrics: new Registry(),
    onFindings() {},
  });
});

afterAll(async () => {
  await detectors.close();
  await spool.close();
  await postgres.close();
  await clickhouse.close();
});

beforeEach(async () => {
  nth += 1;
  const shop = { name: "Shop", currency: "EUR", zone: "UTC", emails: [], is_demo: false };
  merchant = (await createMerchant(postgres.db, shop, Date.now() + nth)).id;
});

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** So many declines from one address, a ms apart, up to now. */
async function decline(times: number, ip: string): Promise<void> {
  const money = { amount: 900, currency: "EUR" };
  const one = { event_type: "payment", outcome: "declined", ip, ...money } as const;
  await append(Array.from({ length: times }, () => one));
}

async function append(given: readonly Partial<Event>[]): Promise<void> {
  const now = Date.now();
  const events = given.map((fields, i): Event => {
    nth += 1;
    return {
      ...{ event_id: `s${nth}`, merchant_id: merchant, source: "api" },
      ...{ ts: now - given.length + i, received_ts: now, ...fields },
    } as Event;
  });
  await spool.append(events.map((event) => ({ kind: "event", line: encodeEvent(event) })));
  detectors.offer(merchant, events);
  await detectors.idle();
}

/** Changes, and waits until the detectors and list entries have followed. */
async function set(decide: (standing: Standing) => readonly Decided[]): Promise<number> {
  const by = { merchantId: merchant, actor: "test", address: null };
  const [made] = await change({ db: postgres.db, tuner, now: Date.now }, by, decide);
  await wait(2300);
  await detectors.idle();
  return made?.seq ?? 0;
}

const found = (): Promise<KeptFinding[]> =>
  findingsOfRule(postgres.db, merchant, { rule: RULE, limit: 200, beforeTs: undefined });
const untaken = async () => {
  const rows = await postgres.db
    .selectFrom("finding")
    .select("taken_at")
    .where("merchant_id", "=", merchant)
    .execute();
  return rows.filter(({ taken_at }) => taken_at === null).length;
};
const reason = "test";

it("shadow: findings are kept and no alert takes them; off: nothing more is found", async () => {
  await decline(5, "203.0.113.1");
  expect(await found()).toMatchObject([{ shadow: false, rule_version: 1 }]);
  await set((s) => decideRule(s, { rule: RULE, mode: "shadow", reason }));
  await decline(5, "203.0.113.2");
  const kept = await found();
  expect(kept.map(({ shadow }) => shadow)).toEqual([true, false]);
  const { found: counts } = await stateOf();
  expect(counts).toEqual({ told: 1, shadow: 1, hidden: 0 });
  expect(await untaken()).toBe(await told());
  await set((s) => decideRule(s, { rule: RULE, mode: "off", reason }));
  await decline(9, "203.0.113.3");
  expect(await found()).toHaveLength(2);
}, 60_000);

/** Findings of all rules that somebody is told of. */
async function told(): Promise<number> {
  const counts = await countByRule(postgres.db, merchant, 0);
  return [...counts].reduce((sum, [, { told }]) => sum + told, 0);
}

async function stateOf() {
  const deps = { db: postgres.db, ch: clickhouse.ch, tuner, now: Date.now };
  const { rules: states } = await rulesOverview(deps, merchant);
  const state = states.find(({ rule }) => rule === RULE);
  if (state === undefined) throw new Error("no state");
  return state;
}

it("a turned knob is followed with the window as it stands, under another version", async () => {
  await decline(4, "203.0.113.4");
  expect(await found()).toEqual([]);
  await set((s) => decideRule(s, { rule: RULE, knobs: { declines: 7 }, reason }));
  await decline(2, "203.0.113.4");
  expect(await found()).toEqual([]);
  await decline(1, "203.0.113.4");
  const [finding] = await found();
  expect(finding).toMatchObject({ value: 7, threshold: 7 });
  const state = await stateOf();
  expect(finding?.rule_version).toBe(state.version);
  expect(state).toMatchObject({ tuned: true, silent: null });
  expect(state.knobs[0]).toEqual({ name: "declines", value: 7, default: 5, min: 3, max: 50 });
}, 60_000);

it("explains what was found from the stored events, and why an event does not count", async () => {
  await decline(6, "203.0.113.20");
  const [newest] = await found();
  const deps = { db: postgres.db, ch: clickhouse.ch, tuner };
  const of6 = async () => (await explainFinding(deps, merchant, newest?.id ?? "")).event_count;
  await expect.poll(of6, { timeout: 20_000 }).toBe(6);
  const why = await explainFinding(deps, merchant, newest?.id ?? "");
  expect(why).toMatchObject({ rule: RULE, value: 6, threshold: 5, event_count: 6, note: null });
  expect(why.changes).toEqual([
    "Silent without the oldest 2 events.",
    expect.stringMatching(/^Silent if the newest had come 10 minutes later/),
    "Silent at a threshold of 7.",
  ]);
  expect(why.leaves.every(({ holds }) => holds)).toBe(true);
  expect(await explainAlert(deps, { ...alertOf(newest), last_ts: newest?.ts ?? 0 })).toEqual(why);
  const of = { rule: "chip_fallback_repeated", eventId: why.events[0]?.event_id ?? "" };
  await expect(explainEvent(deps, merchant, { ...of, rule: "nothing" })).rejects.toThrow("no rule");
  const event = await explainEvent(deps, merchant, { ...of, rule: RULE });
  expect(event).toMatchObject({ counts: true });
  const strange = await explainEvent(deps, merchant, { ...of, rule: "bin_enumeration" });
  expect(strange.counts).toBe(false);
  expect(strange.leaves.some(({ holds }) => !holds)).toBe(true);
  await expect(explainFinding(deps, "mer_other", newest?.id ?? "")).rejects.toThrow(
    "no such finding",
  );
  await append([
    { event_type: "file_changed", path: "/till", in_release: false, terminal_id: "t1" },
  ]);
  const single = await findingsOfRule(postgres.db, merchant, {
    ...{ rule: "file_integrity_change", limit: 1, beforeTs: undefined },
  });
  // The detectors see an event some ms before the store has it.
  const explained = () => explainFinding(deps, merchant, single[0]?.id ?? "");
  await expect.poll(async () => (await explained()).events, { timeout: 20_000 }).toHaveLength(1);
  const changed = await explained();
  expect(changed.leaves.map(({ text }) => text).join()).toContain("in_release");
  await set((s) => decideRule(s, { rule: RULE, knobs: { declines: 9 }, reason }));
  expect((await explainFinding(deps, merchant, newest?.id ?? "")).note).toMatch(/changed since/);
}, 60_000);

const alertOf = (finding: KeptFinding | undefined) => ({
  merchant_id: merchant,
  detection: finding?.detection ?? "",
  subject: finding?.subject ?? "",
});

it("a snooze and the allow list hide, and say how much", async () => {
  const subject = "device:203.0.113.5";
  const until = Date.now() + 3_600_000;
  const snooze = await set((s) => decideSnooze(s, { rule: "*", subject, until, reason }));
  await decline(6, "203.0.113.5");
  const hidden = (await found()).filter(({ hidden_by }) => hidden_by === snooze);
  expect(hidden).toHaveLength(2);
  await set((s) =>
    decideEntries(s, {
      ...{ list: "allow", values: ["203.0.113.6"], listed: true, until: null },
      ...{ owner: "Ann", reason },
    }),
  );
  await decline(5, "203.0.113.6");
  const state = await inForce({ db: postgres.db, now: Date.now }, merchant);
  expect(state.snoozes).toMatchObject([{ subject, hid: 2, by: "test" }]);
  expect(state.entries).toMatchObject([{ list: "allow", value: "203.0.113.6", hid: 1 }]);
  expect((await stateOf()).found).toEqual({ told: 0, shadow: 0, hidden: 3 });
}, 60_000);

it("an exclusion takes events out of the count, also those of the past", async () => {
  await decline(4, "203.0.113.7");
  const text = `
title: Our own office
name: own_office
logsource: { product: tillwatch, category: payment }
filter:
  rules: [card_declined]
  selection: { ip: 203.0.113.7 }
  condition: selection
tillwatch: { owner: Ann, reason: our own address }
`;
  await set((s) => decideExclusion(s, { text, reason }));
  await decline(9, "203.0.113.7");
  await decline(5, "203.0.113.8");
  expect((await found()).map(({ subject }) => subject)).toEqual(["device:203.0.113.8"]);
}, 60_000);
