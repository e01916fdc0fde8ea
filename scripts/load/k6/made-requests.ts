// What the load scripts send: made-up events and Square's payments, each of its own id. Runs in k6 and in our tests; pure.

const MINUTE_MS = 60_000;
const MODES = ["chip", "contactless", "contactless", "contactless"];

/** A card pays twice, hours apart in a real shop: more often, and every till would look like an attack. */
const cardOf = (run: string, nth: number) => `${run}-card-${Math.floor(nth / 2)}`;

/** In: run, a word of this run alone; nth, from 0. Four of five are payments, one a sale; a shop has 4 tills and 8 cashiers. */
export function madeEvent(run: string, nth: number, nowMs: number): Record<string, unknown> {
  const shop = nth % 25;
  const common = {
    event_id: `${run}-${nth}`,
    ts: nowMs,
    store_id: `${run}-${shop}`,
    terminal_id: `till-${shop}-${nth % 4}`,
    cashier_id: `cashier-${shop}-${nth % 8}`,
    amount: 100 + ((nth * 7919) % 9_900),
    currency: "GBP",
  };
  if (nth % 5 === 0) return { ...common, event_type: "sale", sale_id: `${run}-sale-${nth}` };
  return {
    ...common,
    event_type: "payment",
    payment_id: `${run}-pay-${nth}`,
    outcome: nth % 101 === 0 ? "declined" : "approved",
    tender_type: "card",
    entry_mode: MODES[nth % MODES.length],
    card_token: cardOf(run, nth),
    last4: String(1000 + ((nth * 31) % 9_000)),
  };
}

/** NDJSON of `size` events, the nth batch of its run. */
export function madeBatch(run: string, nth: number, size: number, nowMs: number): string {
  let lines = "";
  for (let i = 0; i < size; i += 1) {
    lines += `${JSON.stringify(madeEvent(run, nth * size + i, nowMs))}\n`;
  }
  return lines;
}

/** Square's `payment.created`, with the fields that we read. */
export function madeSquarePayment(run: string, nth: number, nowMs: number): string {
  const id = `${run}-pay-${nth}`;
  const at = new Date(nowMs).toISOString();
  const money = { amount: 100 + ((nth * 7919) % 9_900), currency: "GBP" };
  const payment = {
    id,
    status: "COMPLETED",
    source_type: "CARD",
    created_at: at,
    updated_at: at,
    order_id: `${run}-order-${nth}`,
    location_id: `${run}-${nth % 25}`,
    team_member_id: `cashier-${nth % 8}`,
    amount_money: money,
    total_money: money,
    approved_money: money,
    device_details: { device_id: `till-${nth % 4}` },
    card_details: {
      status: "CAPTURED",
      entry_method: nth % 6 === 0 ? "KEYED" : "CONTACTLESS",
      avs_status: "AVS_ACCEPTED",
      cvv_status: "CVV_ACCEPTED",
      card: {
        bin: "411111",
        last_4: String(1000 + ((nth * 31) % 9_000)),
        card_brand: "VISA",
        card_type: "CREDIT",
        fingerprint: `sq-1-${cardOf(run, nth)}`,
      },
    },
  };
  return JSON.stringify({
    merchant_id: "LOADMERCHANT1",
    type: "payment.created",
    event_id: `${run}-delivery-${nth}`,
    created_at: at,
    data: { type: "payment", id, object: { payment } },
  });
}

/** Square's header: HMAC-SHA-256 over the registered address and the body, base64. */
export function squareHeaders(
  registered: string,
  body: string,
  hmacBase64: (data: string) => string,
): Record<string, string> {
  return {
    "content-type": "application/json",
    "x-square-hmacsha256-signature": hmacBase64(registered + body),
  };
}

/** What a person looks for, one after the other: a card, big declined payments, a cashier's newest, counts over time. */
export function madeSearch(run: string, nth: number, nowMs: number): string {
  const from = `from=${nowMs - 30 * MINUTE_MS}`;
  const asked = [
    `/v1/events?${from}&limit=50&q=${encodeURIComponent(`card_token:${cardOf(run, nth)}`)}`,
    `/v1/events?${from}&limit=50&q=${encodeURIComponent("event_type:payment outcome:declined amount:>=5000")}`,
    `/v1/events?${from}&limit=50&q=${encodeURIComponent(`cashier_id:cashier-${nth % 25}-${nth % 8}`)}`,
    `/v1/events/histogram?${from}&to=${nowMs}&q=${encodeURIComponent(`store_id:${run}-${nth % 25}`)}`,
  ];
  return asked[nth % asked.length] ?? "";
}
