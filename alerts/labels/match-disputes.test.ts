import { describe, expect, it } from "vitest";
import type { Dispute, PaidEvent } from "../../stores/disputes.ts";
import { DISPUTE_WINDOW_MS, labelOf, matchDisputes } from "./match-disputes.ts";

const AT = Date.UTC(2026, 10, 25);

function dispute(over: Partial<Dispute> = {}): Dispute {
  return {
    ...{ event_id: "d1", ts: AT, received_ts: AT + 5, source: "stripe", kind: "chargeback" },
    ...{ payment_id: "pay_1", card_token: "tok_1", is_fraud: true, reason_code: "10.4" },
    ...over,
  } as Dispute;
}

function paid(event_id: string, over: Partial<PaidEvent> = {}): PaidEvent {
  return { event_id, ts: AT - 1, payment_id: null, sale_id: null, card_token: null, ...over };
}

const byCard = dispute({ payment_id: null });

describe("an event is the dispute's", () => {
  it.each([
    {
      name: "when it has its payment",
      of: dispute(),
      events: [paid("a", { payment_id: "pay_1" })],
      ids: ["a"],
    },
    {
      name: "when it has the sale that the payment paid",
      of: dispute(),
      events: [paid("a", { payment_id: "pay_1", sale_id: "s" }), paid("b", { sale_id: "s" })],
      ids: ["a", "b"],
    },
    {
      name: "not when only the card is the same and the payment is named",
      of: dispute(),
      events: [paid("a", { card_token: "tok_1" })],
      ids: [],
    },
    {
      name: "when the card is the same and no payment is named",
      of: byCard,
      events: [paid("a", { card_token: "tok_1" }), paid("b", { card_token: "tok_2" })],
      ids: ["a"],
    },
    {
      name: "not when it is older than the window",
      of: byCard,
      events: [paid("a", { card_token: "tok_1", ts: AT - DISPUTE_WINDOW_MS - 1 })],
      ids: [],
    },
    {
      name: "not when it is younger than the dispute",
      of: byCard,
      events: [paid("a", { card_token: "tok_1", ts: AT + 1 })],
      ids: [],
    },
    {
      name: "never by ids that neither has",
      of: dispute({ payment_id: null, card_token: null }),
      events: [paid("a")],
      ids: [],
    },
  ])("$name", ({ of, events, ids }) => {
    expect([...matchDisputes([of], events).keys()].sort()).toEqual(ids);
  });
});

it.each([
  { name: "a chargeback for fraud", of: dispute(), label: "fraud" },
  { name: "an early fraud warning", of: dispute({ kind: "warning" }), label: "fraud" },
  { name: "a chargeback for another reason", of: dispute({ is_fraud: false }), label: "unsure" },
  { name: "a chargeback without a reason", of: dispute({ is_fraud: null }), label: "unsure" },
] as const)("$name says $label, known when it was received", ({ of, label }) => {
  expect(labelOf(of)).toMatchObject({
    label,
    known_at: AT + 5,
    actor: "provider:stripe",
    about: "pay_1",
  });
});

it("a dispute that names neither payment nor card says nothing", () => {
  expect(labelOf(dispute({ payment_id: null, card_token: null }))).toBeNull();
});
