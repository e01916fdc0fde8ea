// Square's gift cards: every activity, also those by which value appears without a sale.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf, maskStoredValue } from "../../../core/event-draft.ts";
import { needed } from "../../../core/json-reader.ts";
import { deliveredAt, money, part, type SquareEvent, time } from "./square-event.ts";

type Meaning = { action: string; issued_by?: string };

/** Types that are not here (blocks, transfers, decrements) keep their name in `activity_type` and have no action. */
const MEANING: Readonly<Record<string, Meaning>> = {
  ACTIVATE: { action: "activated", issued_by: "sale" },
  LOAD: { action: "loaded", issued_by: "sale" },
  REDEEM: { action: "redeemed" },
  REFUND: { action: "loaded", issued_by: "refund" },
  UNLINKED_ACTIVITY_REFUND: { action: "loaded", issued_by: "refund" },
  ADJUST_INCREMENT: { action: "loaded", issued_by: "adjustment" },
  IMPORT: { action: "loaded", issued_by: "adjustment" },
};

export function giftCardFacts(event: SquareEvent): Fact[] {
  const activity = part(event, "gift_card_activity");
  const id = needed(activity.text("id"), "data.object.gift_card_activity.id");
  const type = needed(activity.text("type"), "data.object.gift_card_activity.type");
  const details = activity.object(`${type.toLowerCase()}_activity_details`);
  const number = activity.text("gift_card_gan");
  const balance = money(activity, "gift_card_balance_money");
  const amount = money(details, "amount_money");
  const draft = draftOf(
    {
      event_type: "gift_card",
      ts: time(activity, "created_at") ?? deliveredAt(event),
      ...MEANING[type],
      gift_card_id: activity.text("gift_card_id"),
      ...amount,
      store_id: activity.text("location_id"),
      payment_id: details?.text("payment_id"),
    },
    {
      activity_id: id,
      activity_type: type,
      gift_card_number: number === undefined ? undefined : maskStoredValue(number),
      balance: balance?.amount,
      order_id: details?.text("order_id"),
      line_item_uid: details?.text("line_item_uid"),
      reason: details?.text("reason"),
      status: details?.text("status"),
    },
  );
  return [{ fact_key: `gift_card_activity:${id}`, draft }];
}
