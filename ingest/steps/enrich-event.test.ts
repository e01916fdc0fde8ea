import { describe, expect, it } from "vitest";
import type { EventDraft } from "../../core/event.ts";
import { enrichEvent } from "./enrich-event.ts";
import { recentFacts } from "./recent-facts.ts";
import type { ShopFacts } from "./shop-facts.ts";

const shop: ShopFacts = {
  merchant: { id: "m", zone: "UTC", currency: "EUR" },
  stores: new Map(),
  staff: new Map(),
  terminals: new Set(),
};
const T = Date.UTC(2026, 10, 25, 10);
const run = (before: EventDraft[], event: EventDraft, recent = recentFacts()) => {
  for (const each of before) recent.remember("m", each);
  enrichEvent(event, shop, recent);
  return event as unknown as Record<string, unknown>;
};

describe("sums and shares", () => {
  it.each([
    [
      "a short drawer",
      { event_type: "cash_counted", ts: T, expected: 10_000, counted: 9_000 },
      { difference: -1_000, abs_difference: 1_000 },
    ],
    [
      "a deposit too large",
      { event_type: "deposit", ts: T, expected: 10_000, amount: 10_500 },
      { abs_difference: 500 },
    ],
    [
      "a tip",
      { event_type: "tip_adjusted", ts: T, authorised: 2_000, tip: 500 },
      { over_auth_bp: 2_500, tip_bp: 2_500 },
    ],
    [
      "a tip on nothing",
      { event_type: "tip_adjusted", ts: T, authorised: 0, tip: 500 },
      { over_auth_bp: undefined, tip_bp: undefined },
    ],
    [
      "a count without what is expected",
      { event_type: "cash_counted", ts: T, counted: 1 },
      { difference: undefined },
    ],
  ])("%s", (_name, event, expected) => {
    const out = run([], event as EventDraft);
    for (const [field, value] of Object.entries(expected)) expect(out[field]).toBe(value);
  });
});

describe("what passed before", () => {
  const paid: EventDraft = {
    event_type: "payment",
    ts: T,
    payment_id: "p1",
    outcome: "approved",
    card_token: "k",
    cashier_id: "c1",
  };
  it("a provider's refund finds the payment", () => {
    expect(run([paid], { event_type: "refund", ts: T + 5, sale_id: "p1" })).toMatchObject({
      sale_found: true,
      sale_card_token: "k",
      sale_cashier_id: "c1",
      sale_age_ms: 5,
      sale_tender_type: "card",
    });
  });
  it("a declined payment is no sale; another merchant's sale is not found", () => {
    expect(
      run([{ ...paid, outcome: "declined" }], { event_type: "refund", ts: T, sale_id: "p1" })
        .sale_found,
    ).toBeUndefined();
    const recent = recentFacts();
    recent.remember("other", paid);
    expect(
      run([], { event_type: "refund", ts: T, sale_id: "p1" }, recent).sale_found,
    ).toBeUndefined();
  });
  it("a till's own word stands where nothing is known", () => {
    expect(
      run([], {
        event_type: "void",
        ts: T,
        sale_id: "x",
        since_tender_ms: 7,
        sale_cashier_id: "c9",
      }),
    ).toMatchObject({ since_tender_ms: 7, sale_cashier_id: "c9" });
  });
  it("yesterday's ticket of the same number is another ticket", () => {
    const tender: EventDraft = {
      event_type: "tender",
      ts: T,
      ticket_id: "42",
      tender_type: "cash",
    };
    expect(
      run([tender], { event_type: "void", ts: T + 86_400_000, ticket_id: "42" }).since_tender_ms,
    ).toBeUndefined();
    expect(
      run([tender], { event_type: "void", ts: T + 1_000, ticket_id: "42" }).since_tender_ms,
    ).toBe(1_000);
  });
  it("a gift card knows its activation", () => {
    const activated: EventDraft = {
      event_type: "gift_card",
      ts: T,
      action: "activated",
      gift_card_id: "g",
      store_id: "s1",
      ip: "10.0.0.1",
    };
    expect(
      run([activated], {
        event_type: "gift_card",
        ts: T + 9,
        action: "redeemed",
        gift_card_id: "g",
      }),
    ).toMatchObject({ age_ms: 9, activated_store_id: "s1", activated_ip: "10.0.0.1" });
  });
  it("clocked in, out, and not known", () => {
    const clock = (action: string, ts: number): EventDraft => ({
      event_type: "time_clock",
      ts,
      action,
      cashier_id: "c1",
    });
    const sale = (): EventDraft => ({ event_type: "sale", ts: T + 10, cashier_id: "c1" });
    expect(run([clock("opened", T)], sale()).clocked_in).toBe(true);
    expect(run([clock("opened", T), clock("closed", T + 5)], sale()).clocked_in).toBe(false);
    expect(run([clock("closed", T + 5), clock("opened", T)], sale()).clocked_in).toBe(false);
    expect(run([], sale()).clocked_in).toBeUndefined();
  });
  it("the memory is bounded", () => {
    const recent = recentFacts(2);
    for (const id of ["a", "b", "c"]) recent.remember("m", { ...paid, payment_id: id });
    expect(
      ["a", "c"].map(
        (id) => recent.saleOf("m", { event_type: "refund", ts: T, sale_id: id }) !== undefined,
      ),
    ).toEqual([false, true]);
  });
});
