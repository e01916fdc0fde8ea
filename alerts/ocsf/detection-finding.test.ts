import { describe, expect, it } from "vitest";
import { ALERT_STATES, type Alert, LABELS } from "../../core/alert.ts";
import { LEVELS } from "../../core/level.ts";
import { SUBJECT_TYPES, subject } from "../../core/subject.ts";
import { next } from "../lifecycle.ts";
import { aFinding } from "../testing.ts";
import { toDetectionFinding } from "./detection-finding.ts";
import { faultsOfFinding, ocsf } from "./testing/check-ocsf.ts";

const NOW = 1_764_000_000_000;
const opened = next(
  undefined,
  { kind: "finding", finding: aFinding(), cooldownMs: null },
  NOW,
).alert;
const alert = (over: Partial<Alert> = {}): Alert => ({ ...opened, ...over });
const out = (over: Partial<Alert> = {}) => toDetectionFinding(alert(over));

describe("an alert as OCSF Detection Finding", () => {
  it("fits the schema in every state, label, level and subject, and with everything absent", () => {
    expect(ocsf.version).toBe("1.5.0");
    let judged = 0;
    for (const state of ALERT_STATES) {
      for (const label of [...LABELS, null]) {
        for (const level of LEVELS) {
          for (const type of SUBJECT_TYPES) {
            const one = out({ state, label, level, subject: subject(type, "x:1") });
            expect(faultsOfFinding(one)).toEqual([]);
            judged += 1;
          }
        }
      }
    }
    expect(judged).toBe(ALERT_STATES.length * 4 * LEVELS.length * SUBJECT_TYPES.length);
    const bare = out({
      ...{ explanation: "", counterfactual: "", amount: null, currency: null, value: null },
      ...{ store_id: null, terminal_id: null, cashier_id: null, evidence: [], reason: null },
    });
    expect(faultsOfFinding(bare)).toEqual([]);
    expect(JSON.stringify(bare)).not.toContain("null");
  });

  it("has every attribute that the class requires without a profile", () => {
    const required = Object.entries(ocsf.class.attributes)
      .filter(([, { requirement }]) => requirement === "required")
      .map(([name]) => name);
    expect(required.sort()).toEqual([
      ...["activity_id", "category_uid", "class_uid", "finding_info", "metadata"],
      ...["severity_id", "time", "type_uid"],
    ]);
    expect(Object.keys(out())).toEqual(expect.arrayContaining(required));
    expect(out()).toMatchObject({
      class_uid: ocsf.class.uid,
      category_uid: ocsf.class.category_uid,
    });
  });

  it.each([
    { name: "open", over: { state: "open" }, activity: 1, status: 1, alerts: true },
    {
      name: "open again",
      over: { state: "open", finding_count: 3 },
      activity: 2,
      status: 1,
      alerts: true,
    },
    { name: "acknowledged", over: { state: "acknowledged" }, activity: 2, status: 2, alerts: true },
    {
      name: "not fraud",
      over: { state: "resolved", label: "not_fraud" },
      activity: 3,
      status: 3,
      alerts: false,
    },
    {
      name: "fraud",
      over: { state: "resolved", label: "fraud" },
      activity: 3,
      status: 4,
      alerts: false,
    },
    {
      name: "withdrawn",
      over: { state: "resolved", label: null },
      activity: 3,
      status: 4,
      alerts: false,
    },
  ] as const)(
    "$name is activity $activity, status $status",
    ({ over, activity, status, alerts }) => {
      expect(out(over)).toMatchObject({
        ...{ activity_id: activity, status_id: status, is_alert: alerts },
        type_uid: 200_400 + activity,
      });
    },
  );

  it.each(LEVELS.map((level, nth) => ({ level, id: nth + 1 })))(
    "$level is severity $id",
    ({ level, id }) => {
      expect(out({ level })).toMatchObject({ severity_id: id });
    },
  );

  it("holds no card data in its evidence, its subject or its texts", () => {
    const fields = {
      ...{ card_token: "tok_secret", sale_card_token: "tok_secret", card_xhash: "x_secret" },
      ...{ bin: "411111", last4: "4242", card_expiry: "2031-07", gift_card_id: "6039secret" },
      ...{ outcome: "declined", note: "pan 4111 1111 1111 1111" },
    };
    const event = { event_id: "e1", event_type: "payment", ts: NOW, fields };
    const text = JSON.stringify(
      out({
        evidence: [event],
        ...{ reason: "4242424242424242", explanation: "with 4111111111111111" },
        subject: subject("bin", "411111"),
      }),
    );
    expect(text).toContain('"outcome":"declined"');
    expect(text).not.toMatch(/secret|2031-07|"4242"|"411111"|42424242|4111 ?1111/);
    expect(JSON.stringify(out({ subject: subject("gift_card", "6039secret") }))).not.toContain(
      "6039",
    );
  });

  it("text that is no text breaks no line", () => {
    const one = out({ title: 'a\n"\u2028\ud800', subject: subject("cashier", "\n\ud800") });
    expect(faultsOfFinding(one)).toEqual([]);
    expect(JSON.stringify(one).split("\n")).toHaveLength(1);
    expect(JSON.stringify(one).isWellFormed()).toBe(true);
  });
});

describe("the judge of the schema", () => {
  const broken = (change: Record<string, unknown>) => faultsOfFinding({ ...out(), ...change });
  it.each([
    { name: "a required attribute", change: { time: undefined }, says: "$.time: required" },
    { name: "a type", change: { time: "now" }, says: "$.time: not a timestamp_t" },
    { name: "an enum", change: { activity_id: 7 }, says: "$.activity_id: 7 is not in the enum" },
    {
      name: "a caption",
      change: { severity: "Bad" },
      says: /^\$\.severity_id: \d is \w+, not Bad/,
    },
    { name: "an unknown attribute", change: { colour: 1 }, says: /no such attribute/ },
    {
      name: "an object's required attribute",
      change: { finding_info: {} },
      says: "$.finding_info.uid: required",
    },
    {
      name: "a constraint",
      change: { evidences: [{ uid: "x" }] },
      says: /^\$\.evidences\[0\]: none of/,
    },
    { name: "a list", change: { resources: {} }, says: "$.resources: not a list" },
    {
      name: "an object outside the excerpt",
      change: { malware: [{}] },
      says: /not in the excerpt/,
    },
  ])("finds $name that is broken", ({ change, says }) => {
    const match = typeof says === "string" ? says : expect.stringMatching(says);
    expect(broken(change)).toEqual(expect.arrayContaining([match]));
  });
});
