// Stripe's account side: where money is paid out, what was settled, and the readers in the shops.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { contentId } from "../../../core/ids.ts";
import { needed } from "../../../core/json-reader.ts";
import {
  changedAt,
  createdAt,
  idAt,
  metadataFields,
  money,
  type StripeEvent,
} from "./stripe-event.ts";

/** A bank account or debit card to which payouts go. An update has no version of its own, so the event names it. */
export function externalAccountFacts(event: StripeEvent): Fact[] {
  const account = event.object;
  const id = needed(account.text("id"), "data.object.id");
  const act = event.type.slice(event.type.lastIndexOf(".") + 1);
  const target =
    account.text("fingerprint") ??
    [account.text("routing_number"), account.text("last4")].join(":");
  const draft = draftOf(
    {
      event_type: "setting_changed",
      ts: changedAt(event),
      setting: "payout_account",
      new_hash: act === "deleted" ? undefined : contentId("external_account", id, target),
      old_hash: act === "deleted" ? contentId("external_account", id, target) : undefined,
      account_id: idAt(account, "account"),
      currency: account.text("currency")?.toUpperCase(),
    },
    {
      external_account_id: id,
      act,
      kind_of_account: account.text("object"),
      country: account.text("country"),
      status: account.text("status"),
    },
  );
  const version = act === "updated" ? `updated:${event.id}` : act;
  return [{ fact_key: `external_account:${id}:${version}`, draft }];
}

/** `amount` is never negative: a debit to the business says so in `direction`. */
export function payoutFacts(event: StripeEvent): Fact[] {
  const payout = event.object;
  const id = needed(payout.text("id"), "data.object.id");
  const paid = money(payout);
  const draft = draftOf(
    {
      event_type: "settlement",
      ts: createdAt(event),
      amount: Math.abs(paid.amount),
      currency: paid.currency,
    },
    {
      payout_id: id,
      payout_type: payout.text("type"),
      method: payout.text("method"),
      destination_id: idAt(payout, "destination"),
      arrival_date: payout.whole("arrival_date"),
      direction: paid.amount < 0 ? "debit" : undefined,
    },
  );
  return [{ fact_key: `payout:${id}:paid`, draft }];
}

export function readerFacts(event: StripeEvent): Fact[] {
  const reader = event.object;
  const id = needed(reader.text("id"), "data.object.id");
  const said = metadataFields(reader);
  const location = idAt(reader, "location");
  const about = {
    serial_number: reader.text("serial_number"),
    ip_address: reader.text("ip_address"),
    device_type: reader.text("device_type"),
    label: reader.text("label"),
  };
  const version = reader.text("device_sw_version");
  const draft = draftOf(
    {
      event_type: "setting_changed",
      ts: changedAt(event),
      setting: "terminal",
      terminal_id: id,
      store_id: location ?? said.store_id,
      new_hash: contentId("reader", id, JSON.stringify({ ...about, location, version })),
      software_version: version,
    },
    { ...about, reader_id: id, status: reader.text("status") },
  );
  return [{ fact_key: `reader:${id}:${event.id}`, draft }];
}
