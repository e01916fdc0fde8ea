import { describe, expect, it } from "vitest";
import type { EventDraft } from "../../core/event.ts";
import { addLocalTime, openingAt } from "./add-local-time.ts";
import type { ShopFacts } from "./shop-facts.ts";

const day = { from: 480, to: 1080 };
const hours = [day, day, day, day, day, { from: 1200, to: 1560 }, null]; // Saturday until 2 in the night, Sunday closed

describe("opening hours", () => {
  it.each([
    ["2026-11-23T07:59", undefined, undefined],
    ["2026-11-23T08:00", "first_hour", "2026-11-23"],
    ["2026-11-23T08:59", "first_hour", "2026-11-23"],
    ["2026-11-23T09:00", "middle", "2026-11-23"],
    ["2026-11-23T17:00", "last_hour", "2026-11-23"],
    ["2026-11-23T18:00", undefined, undefined],
    ["2026-11-28T23:00", "middle", "2026-11-28"],
    ["2026-11-29T01:30", "last_hour", "2026-11-28"],
    ["2026-11-29T02:00", undefined, undefined],
    ["2026-11-29T12:00", undefined, undefined],
  ])("%s is %s of %s", (local, phase, business) => {
    const opening = openingAt(`${local}:00.000`, hours);
    expect([opening?.phase, opening?.day]).toEqual([phase, business]);
  });
});

describe("local time", () => {
  const store = {
    id: "s1",
    merchant_id: "m",
    name: "s1",
    zone: "Asia/Tokyo",
    currency: "JPY",
    lat: null,
    lon: null,
    opening_hours: null,
  };
  const shop = (confirmed: boolean): ShopFacts => ({
    merchant: { id: "m", zone: "UTC", currency: "EUR" },
    stores: new Map([["s1", { ...store, confirmed }]]),
    staff: new Map(),
    terminals: new Set(),
  });
  const draft = (over: Partial<EventDraft> = {}): EventDraft => ({
    event_type: "sale",
    ts: Date.UTC(2026, 10, 25, 20),
    ...over,
  });
  it.each([
    ["the merchant's zone without a shop", draft(), true, "2026-11-25T20:00:00.000"],
    ["the shop's zone", draft({ store_id: "s1" }), true, "2026-11-26T05:00:00.000"],
    [
      "a till's own clock, while the shop is unconfirmed",
      draft({ store_id: "s1", ts_local: "2026-11-25T22:00:00.000" }),
      false,
      "2026-11-25T22:00:00.000",
    ],
    [
      "the owner's word over the till's",
      draft({ store_id: "s1", ts_local: "2026-11-25T22:00:00.000" }),
      true,
      "2026-11-26T05:00:00.000",
    ],
  ])("%s", (_name, given, ...rest) => {
    const [confirmed, local] = rest;
    addLocalTime(given, shop(confirmed));
    expect(given.ts_local).toBe(local);
    expect(given.local_hour).toBe(Number(local.slice(11, 13)));
    expect(given).not.toHaveProperty("in_opening_hours");
  });
});
