import { expect, it } from "vitest";
import { cloverAsking } from "./clover/asking.ts";
import { clover } from "./clover.ts";

const delivery = (body: unknown, headers: Record<string, string> = {}) => ({
  ...{ url: "", headers },
  body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
});
const named = (...objectIds: string[]) => ({
  appId: "APP",
  merchants: { M1: objectIds.map((objectId) => ({ objectId, type: "CREATE", ts: 1 })) },
});
const AUTH = { "x-clover-auth": "the-code" };

it.each([
  ["its code", delivery(named("P:A"), AUTH), { ok: true }],
  ["another code", delivery(named("P:A"), { "x-clover-auth": "the-codf" }), "SIGNATURE_INVALID"],
  ["no code", delivery(named("P:A")), "SIGNATURE_MISSING"],
  ["the set-up message, which has no code yet", delivery({ verificationCode: "v" }), { ok: true }],
  [
    "objects hidden in a set-up message",
    delivery({ verificationCode: "v", ...named("P:A") }),
    "SIGNATURE_MISSING",
  ],
])("with %s", (_name, given, verdict) => {
  const expected = typeof verdict === "string" ? { ok: false, code: verdict } : verdict;
  expect(clover.verify(given, ["the-code"], 0)).toEqual(expected);
});

it.each([
  [
    "payments are asked for",
    named("P:A", "P:B"),
    { outcome: "ask", account: "M1", objects: [{ object: "A" }, { object: "B" }] },
  ],
  ["other objects are ignored", named("I:A", "C:B"), { outcome: "ignored" }],
  ["an id that is none asks for nothing", named("P:../../x"), { outcome: "ignored" }],
  ["two merchants are refused", { merchants: { M1: [], M2: [] } }, { outcome: "refused" }],
  ["no JSON is refused", "<", { outcome: "refused" }],
])("%s", (_name, body, outcome) => {
  expect(clover.translate(delivery(body, AUTH))).toMatchObject(outcome);
});

const payment = (over: object = {}) => ({
  ...{ id: "A", amount: 2050, tipAmount: 100, createdTime: 1_700_000_000_000, result: "SUCCESS" },
  ...{ order: { id: "O1" }, employee: { id: "E1" }, device: { id: "D1" } },
  cardTransaction: { cardType: "VISA", entryType: "EMV_CONTACT", first6: "411111", last4: "1111" },
  ...over,
});
const factsOf = (over: object) => {
  const translation = cloverAsking.translate({ type: "payment", object: payment(over) }, "M1");
  return "facts" in translation ? translation.facts : translation;
};

it("a payment keeps who, where, how much and how", () => {
  expect(factsOf({})).toMatchObject([
    {
      fact_key: "payment:A:approved",
      draft: {
        ...{
          event_type: "payment",
          amount: 2050,
          ticket_id: "O1",
          cashier_id: "E1",
          terminal_id: "D1",
        },
        ...{
          store_id: "M1",
          entry_mode: "chip",
          bin: "411111",
          last4: "1111",
          outcome: "approved",
        },
      },
    },
  ]);
});

it.each([
  ["declined", { result: "FAIL" }, ["payment:A:declined"]],
  ["not settled yet", { result: "INITIATED" }, { outcome: "ignored" }],
  ["voided", { result: "VOIDED", modifiedTime: 2 }, ["payment:A:approved", "payment:A:voided"]],
  [
    "cash",
    { cardTransaction: null, tender: { labelKey: "com.clover.tender.cash" } },
    ["payment:A:tender"],
  ],
  [
    "paid back in parts",
    {
      refunds: {
        elements: [
          { id: "R1", amount: 5, createdTime: 3 },
          { id: "R2", amount: 6, createdTime: 4 },
        ],
      },
    },
    ["payment:A:approved", "refund:R1", "refund:R2"],
  ],
  [
    "of a wrong shape",
    { amount: "20.50" },
    { outcome: "refused", detail: "object.amount: expected a whole number" },
  ],
])("a payment that is %s", (_name, over, expected) => {
  const facts = factsOf(over);
  if (Array.isArray(expected) && Array.isArray(facts))
    expect(facts.map(({ fact_key }) => fact_key)).toEqual(expected);
  else expect(facts).toMatchObject(expected as object);
});
