// Square's account side: where money is paid out, which devices are paired, what was settled, and a lost connection.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { contentId } from "../../../core/ids.ts";
import { needed } from "../../../core/json-reader.ts";
import { deliveredAt, money, part, type SquareEvent, terminalId, time } from "./square-event.ts";

export function bankAccountFacts(event: SquareEvent): Fact[] {
  const account = part(event, "bank_account");
  const id = needed(account.text("id"), "data.object.bank_account.id");
  const status = account.text("status") ?? event.type;
  const target =
    account.text("fingerprint") ??
    [
      account.text("primary_bank_identification_number"),
      account.text("account_number_suffix"),
    ].join(":");
  const draft = draftOf(
    {
      event_type: "setting_changed",
      ts: deliveredAt(event),
      setting: "payout_account",
      new_hash: contentId("bank_account", id, target),
      store_id: account.text("location_id"),
      currency: account.text("currency"),
    },
    {
      bank_account_id: id,
      status,
      account_type: account.text("account_type"),
      country: account.text("country"),
    },
  );
  return [{ fact_key: `bank_account:${id}:${status}`, draft }];
}

export function deviceFacts(event: SquareEvent): Fact[] {
  return event.type === "device.created" ? createdDevice(event) : pairedDevice(event);
}

function createdDevice(event: SquareEvent): Fact[] {
  const device = part(event, "device");
  const id = needed(device.text("id") ?? event.data.text("id"), "data.object.device.id");
  const about = device.object("attributes");
  const draft = draftOf(
    {
      event_type: "setting_changed",
      ts: deliveredAt(event),
      setting: "terminal",
      terminal_id: terminalId(id),
      new_hash: contentId(
        "device",
        id,
        about?.text("manufacturers_id") ?? "",
        about?.text("version") ?? "",
      ),
      software_version: about?.text("version"),
      store_id: event.body.text("location_id"),
    },
    {
      device_type: about?.text("type"),
      model: about?.text("model"),
      manufacturer: about?.text("manufacturer"),
      serial_number: about?.text("manufacturers_id"),
      device_name: about?.text("name"),
    },
  );
  return [{ fact_key: `device:${id}:created`, draft }];
}

function pairedDevice(event: SquareEvent): Fact[] {
  const code = part(event, "device_code");
  const id = needed(code.text("id"), "data.object.device_code.id");
  const device = code.text("device_id");
  const draft = draftOf(
    {
      event_type: "setting_changed",
      ts: time(code, "paired_at") ?? deliveredAt(event),
      setting: "terminal",
      terminal_id: terminalId(device),
      new_hash: contentId("device", device ?? "", id),
      store_id: code.text("location_id"),
    },
    {
      device_code_id: id,
      device_name: code.text("name"),
      product_type: code.text("product_type"),
      status: code.text("status"),
    },
  );
  return [{ fact_key: `device_code:${id}:paired`, draft }];
}

/** `amount` is never negative: a debit to the business says so in `direction`. */
export function payoutFacts(event: SquareEvent): Fact[] {
  const payout = part(event, "payout");
  const id = needed(payout.text("id"), "data.object.payout.id");
  const paid = needed(money(payout, "amount_money"), "data.object.payout.amount_money");
  const draft = draftOf(
    {
      event_type: "settlement",
      ts: time(payout, "created_at") ?? deliveredAt(event),
      amount: Math.abs(paid.amount),
      currency: paid.currency,
      store_id: payout.text("location_id"),
    },
    {
      payout_id: id,
      payout_type: payout.text("type"),
      destination_type: payout.object("destination")?.text("type"),
      arrival_date: payout.text("arrival_date"),
      direction: paid.amount < 0 ? "debit" : undefined,
    },
  );
  return [{ fact_key: `payout:${id}:paid`, draft }];
}

/** Square stops sending from here on: a control that watched the shop is gone. */
export function revocationFacts(event: SquareEvent): Fact[] {
  const revocation = part(event, "revocation");
  const id = event.data.text("id") ?? needed(event.body.text("event_id"), "event_id");
  const draft = draftOf(
    {
      event_type: "control_failed",
      ts: time(revocation, "revoked_at") ?? deliveredAt(event),
      control: "source",
    },
    {
      source_kind: "square",
      cause: "authorization revoked",
      revoked_by: revocation.text("revoker_type"),
    },
  );
  return [{ fact_key: `oauth:${id}:revoked`, draft }];
}
