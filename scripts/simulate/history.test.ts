import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { maskCardData } from "../../core/card-data.ts";
import { checkEvent } from "../../core/check-event.ts";
import { ENVELOPE, EVENT_TYPES, type EventType } from "../../core/event-fields.ts";
import { threeStoreChain } from "./chain.ts";
import { type HistoryOptions, simulateHistory } from "./history.ts";
import type { SimulatedEvent } from "./recorder.ts";

const DAY_MS = 86_400_000;
const MONDAY = Date.UTC(2026, 10, 2);
const shop = threeStoreChain("week");
const week: HistoryOptions = { seed: 1, shop, fromMs: MONDAY, toMs: MONDAY + 7 * DAY_MS };

type Draft = SimulatedEvent["draft"];
let drafts: Draft[] = [];
const of = (...types: EventType[]) => drafts.filter(({ event_type }) => types.includes(event_type));
const sum = (list: readonly Draft[], field: "amount" | "line_amount") =>
  list.reduce((total, draft) => total + (draft[field] ?? 0), 0);
const groupBy = (list: readonly Draft[], key: (draft: Draft) => string) =>
  Map.groupBy(list, key) as Map<string, Draft[]>;

beforeAll(() => {
  drafts = [...simulateHistory(week)].map(({ draft }) => draft);
});

describe("the stream", () => {
  it("is the same to the byte for the same seed, and another for another", () => {
    const oneDay = { ...week, toMs: MONDAY + DAY_MS };
    const text = (options: HistoryOptions) => JSON.stringify([...simulateHistory(options)]);
    const first = text(oneDay);
    expect(text({ ...oneDay, shop: threeStoreChain("week") })).toBe(first);
    expect(text({ ...oneDay, seed: 2 })).not.toBe(first);
  });

  it("is ordered by (ts, event_id) within its span, each id once", () => {
    const misplaced = drafts.filter((draft, n) => {
      const before = drafts[n - 1];
      if (before === undefined || before.ts < draft.ts) return false;
      return before.ts > draft.ts || before.event_id >= draft.event_id;
    });
    expect(misplaced).toEqual([]);
    expect(new Set(drafts.map(({ event_id }) => event_id)).size).toBe(drafts.length);
    expect(drafts[0]?.ts).toBeGreaterThanOrEqual(week.fromMs);
    expect(drafts.at(-1)?.ts).toBeLessThan(week.toMs);
  });

  it("passes the door without a note", () => {
    const faults = drafts.filter((draft) => {
      const checked = checkEvent(draft, { nowMs: week.toMs, merchantId: "m" });
      return !checked.ok || checked.notes.length > 0;
    });
    expect(faults).toEqual([]);
  });

  it("carries only fields that its event type has", () => {
    const strange = new Set<string>();
    for (const draft of drafts) {
      const known: readonly string[] = EVENT_TYPES[draft.event_type].fields;
      for (const field in draft) {
        if (!(field in ENVELOPE) && !known.includes(field))
          strange.add(`${draft.event_type}.${field}`);
      }
    }
    expect([...strange]).toEqual([]);
  });

  it("holds nothing that looks like card data", () => {
    const found = new Set<string>();
    for (const draft of drafts) {
      for (const [field, value] of Object.entries(draft)) {
        if (typeof value === "string" && maskCardData(value).found.length > 0)
          found.add(`${field}: ${value}`);
      }
    }
    expect([...found]).toEqual([]);
  });

  it("shows most event types of a till on honest days", () => {
    const seen = new Set(drafts.map(({ event_type }) => event_type));
    const needed: EventType[] = [
      "sale",
      "sale_cancelled",
      "ticket_suspended",
      "ticket_recalled",
      "line_item",
      "line_removed",
      "override_applied",
      "discount",
      "tender",
      "void",
      "refund",
      "tip_adjusted",
      "loyalty",
      "gift_card",
      "approval_used",
      "drawer_opened",
      "drawer_closed",
      "cash_counted",
      "cash_moved",
      "deposit",
      "shift",
      "store_day",
      "time_clock",
      "payment",
      "settlement",
      "sign_in",
      "session_seen",
      "account_changed",
      "data_exported",
      "terminal_heartbeat",
      "file_changed",
      "connection",
      "tls_handshake",
    ];
    expect(needed.filter((type) => !seen.has(type))).toEqual([]);
  });
});

describe("time", () => {
  it("a closed shop sells nothing, and its tills stay shut", () => {
    const acts = of("sale", "refund", "void", "drawer_opened", "payment", "tender");
    expect(acts.filter(({ in_opening_hours }) => in_opening_hours !== true)).toEqual([]);
  });

  it("noon is busier than the first hour, Saturday busier than Monday", () => {
    const byHour = groupBy(of("sale"), ({ local_hour }) => String(local_hour));
    expect((byHour.get("12") ?? []).length).toBeGreaterThan(1.2 * (byHour.get("10") ?? []).length);
    const byDay = groupBy(of("sale"), ({ business_day }) => business_day ?? "");
    const [monday, saturday] = [byDay.get("2026-11-02"), byDay.get("2026-11-07")];
    expect(saturday?.length ?? 0).toBeGreaterThan(1.25 * (monday?.length ?? 0));
    expect(byDay.size).toBe(7);
  });

  it("each shop sells a plausible number of tickets a day", () => {
    for (const [, list] of groupBy(
      of("sale"),
      (draft) => `${draft.store_id} ${draft.business_day}`,
    )) {
      expect(list.length).toBeGreaterThan(100);
      expect(list.length).toBeLessThan(800);
    }
  });

  it("the night in which the clocks go back repeats nothing and keeps the wall clock", () => {
    const fromMs = Date.UTC(2026, 9, 24, 12);
    const night = [...simulateHistory({ seed: 3, shop, fromMs, toMs: fromMs + 2 * DAY_MS })];
    expect(new Set(night.map(({ draft }) => draft.event_id)).size).toBe(night.length);
    const days = night.filter(({ draft }) => draft.event_type === "store_day");
    const opened = days.filter(({ draft }) => draft.action === "opened").slice(-3);
    expect(opened.map(({ draft }) => draft.ts_local)).toEqual(
      Array.from({ length: 3 }, () => "2026-10-26T07:30:00.000"),
    );
    const sunday = days.filter(({ draft }) => draft.ts_local === "2026-10-25T09:00:00.000");
    expect(sunday.length).toBe(3);
  });

  it("every till sends a heartbeat a minute while its shop is open", () => {
    const day = of("terminal_heartbeat").filter(
      ({ business_day }) => business_day === "2026-11-04",
    );
    for (const [, beats] of groupBy(day, ({ terminal_id }) => terminal_id ?? "")) {
      for (const [n, beat] of beats.entries()) {
        const before = beats[n - 1];
        if (before !== undefined) expect(beat.ts - before.ts).toBeLessThan(62_000);
      }
      expect(beats.length).toBeGreaterThan(11 * 60 - 5);
    }
  });
});

describe("money", () => {
  it("lines less removed lines less discounts is the sale, and so are the tenders", () => {
    const byTicket = groupBy(
      of("line_item", "line_removed", "discount", "tender", "sale"),
      ({ ticket_id }) => ticket_id ?? "",
    );
    let sales = 0;
    for (const [, list] of byTicket) {
      const sale = list.find(({ event_type }) => event_type === "sale");
      if (sale === undefined) continue;
      sales += 1;
      const part = (type: EventType) => list.filter(({ event_type }) => event_type === type);
      const lines =
        sum(part("line_item"), "line_amount") - sum(part("line_removed"), "line_amount");
      expect(lines - sum(part("discount"), "amount")).toBe(sale.amount);
      expect(sum(part("tender"), "amount")).toBe(sale.amount);
      expect(sum(part("discount"), "amount")).toBe(sale.discount);
      expect(part("line_item").length - part("line_removed").length).toBe(sale.line_count);
    }
    expect(sales).toBe(of("sale").length);
  });

  it("the drawer's count expects the float and the shift's cash", () => {
    const byShift = groupBy(
      of("tender", "refund", "void", "cash_moved", "cash_counted"),
      ({ shift_id }) => shift_id ?? "",
    );
    byShift.delete("");
    let counted = 0;
    for (const [, list] of byShift) {
      const counts = list.filter(({ event_type }) => event_type === "cash_counted");
      const closing = counts[1];
      if (closing === undefined) continue;
      counted += 1;
      const cash = (type: EventType) =>
        sum(
          list.filter((draft) => draft.event_type === type && draft.tender_type === "cash"),
          "amount",
        );
      const paidOut = sum(
        list.filter(({ kind }) => kind === "paid_out"),
        "amount",
      );
      expect(closing.expected).toBe(
        10_000 + cash("tender") - cash("refund") - cash("void") - paidOut,
      );
      expect(closing.difference).toBe((closing.counted ?? 0) - (closing.expected ?? 0));
      expect(closing.abs_difference).toBe(Math.abs(closing.difference ?? 0));
    }
    // Three shops, eight tills, two shifts a day.
    expect(counted).toBe(8 * 2 * 7);
  });

  it("what was collected is deposited", () => {
    for (const deposit of of("deposit")) expect(deposit.amount).toBe(deposit.expected);
    const monday = of("cash_moved").filter(
      ({ business_day, store_id, kind }) =>
        business_day === "2026-11-02" && store_id === "london" && kind === "collected",
    );
    const first = of("deposit").find(({ store_id }) => store_id === "london");
    expect(first?.amount).toBe(sum(monday, "amount"));
  });

  it("gift cards never give more than was loaded", () => {
    const cards = new Map(shop.giftCards.map((card) => [card.gift_card_id, card.balance]));
    for (const draft of of("gift_card")) {
      const id = draft.gift_card_id ?? "";
      const change = draft.action === "activated" ? (draft.amount ?? 0) : -(draft.amount ?? 0);
      cards.set(id, (cards.get(id) ?? 0) + change);
    }
    expect([...cards.values()].filter((balance) => balance < 0)).toEqual([]);
  });
});

describe("links", () => {
  it("every refund and void names an earlier sale, its cashier, card and tender", () => {
    const sales = new Map(of("sale").map((sale) => [sale.sale_id, sale]));
    const reversals = of("refund", "void").filter(
      ({ refund_kind }) => refund_kind !== "no_receipt",
    );
    const tenders = Map.groupBy(of("tender"), ({ ticket_id }) => ticket_id);
    const cardOf = ({ sale_id }: Draft) =>
      tenders
        .get(sales.get(sale_id)?.ticket_id)
        ?.find(({ tender_type }) => tender_type === sales.get(sale_id)?.tender_type)?.card_token;
    const sameCard = ({ card_token, sale_card_token }: Draft) => card_token === sale_card_token;
    expect(reversals.length).toBeGreaterThan(50);
    for (const draft of reversals) {
      const sale = sales.get(draft.sale_id);
      expect(sale).toBeDefined();
      expect(sale?.ts).toBeLessThan(draft.ts);
      expect(draft.amount).toBeLessThanOrEqual(sale?.amount ?? 0);
      expect(draft.tender_type).toBe(sale?.tender_type);
      expect(draft.sale_cashier_id).toBe(sale?.cashier_id);
      if (draft.event_type === "refund") expect(draft.sale_card_token).toBe(cardOf(draft));
      if (draft.event_type === "refund") expect(draft.sale_age_ms).toBe(draft.ts - (sale?.ts ?? 0));
    }
    expect(reversals.filter((draft) => !sameCard(draft)).length).toBeLessThan(6);
    expect(new Set(reversals.map(({ sale_id }) => sale_id)).size).toBe(reversals.length);
  });

  it("receipt numbers of a till run without a gap", () => {
    const byTill = groupBy(of("sale"), ({ terminal_id }) => terminal_id ?? "");
    byTill.delete("");
    expect(byTill.size).toBe(8);
    for (const [, list] of byTill) {
      const numbers = list.map(({ receipt_no }) => receipt_no ?? 0);
      expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] ?? 0) + n));
    }
  });

  it("nobody stands at two tills at once, and nobody sells without a shift", () => {
    const open = new Map<string, string>();
    for (const draft of of("shift", "sale")) {
      const who = draft.cashier_id ?? "";
      if (draft.event_type === "sale") {
        if (draft.terminal_id !== undefined) expect(open.get(who)).toBe(draft.terminal_id);
      } else if (draft.action === "opened") {
        expect(open.has(who)).toBe(false);
        open.set(who, draft.terminal_id ?? "");
      } else open.delete(who);
    }
    expect(open.size).toBe(0);
  });
});

describe("honest rates", () => {
  const share = (part: number, whole: number) => part / whole;
  it.each([
    {
      name: "declined payments",
      from: 0.015,
      to: 0.045,
      rate: () =>
        share(
          of("payment").filter(({ outcome }) => outcome === "declined").length,
          of("payment").length,
        ),
    },
    {
      name: "refunds per sale",
      from: 0.005,
      to: 0.02,
      rate: () => share(of("refund").length, of("sale").length),
    },
    {
      name: "voids per sale",
      from: 0.001,
      to: 0.008,
      rate: () => share(of("void").length, of("sale").length),
    },
    {
      name: "no-sale openings per shift",
      from: 0.15,
      to: 1.2,
      rate: () =>
        share(
          of("drawer_opened").filter(({ reason }) => reason === "no_sale").length,
          of("shift").length / 2,
        ),
    },
    {
      name: "cash share of sales",
      from: 0.25,
      to: 0.45,
      rate: () =>
        share(
          of("sale").filter(({ tender_type }) => tender_type === "cash").length,
          of("sale").length,
        ),
    },
    {
      name: "sales with a discount",
      from: 0.05,
      to: 0.15,
      rate: () => share(of("discount").length, of("sale").length),
    },
    {
      name: "failed sign-ins",
      from: 0.01,
      to: 0.2,
      rate: () =>
        share(
          of("sign_in").filter(({ outcome }) => outcome === "failure").length,
          of("sign_in").length,
        ),
    },
    {
      name: "average ticket",
      from: 1_500,
      to: 6_000,
      rate: () => share(sum(of("sale"), "amount"), of("sale").length),
    },
  ])("$name lies between $from and $to", ({ rate, from, to }) => {
    expect(rate()).toBeGreaterThan(from);
    expect(rate()).toBeLessThan(to);
  });
});

it("what is held in memory does not grow with the span", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const marks: number[] = [];
  let nextMark = MONDAY + 5 * DAY_MS;
  const span = { ...week, toMs: MONDAY + 16 * DAY_MS, heartbeatMs: 600_000 };
  for (const { draft } of simulateHistory(span)) {
    if (draft.ts < nextMark) continue;
    nextMark += 5 * DAY_MS;
    marks.push(held());
  }
  expect(marks.length).toBe(3);
  // Ten days are some 70 000 events of about 700 bytes each.
  expect((marks[2] ?? 0) - (marks[0] ?? 0)).toBeLessThan(12e6);
});
