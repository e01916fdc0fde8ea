// What a Square cash drawer's shift and its events become. A sale's own opening of the drawer is told by its payment.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";
import { money, time } from "./square-event.ts";

/** In: `{ location_id, shift_id, event }`. Money that goes out is a positive number too. */
export function eventFacts(of: JsonReader): Fact[] {
  const event = needed(of.object("event"), "object.event");
  const id = needed(event.text("id"), `${event.path}.id`);
  const shared = {
    ts: needed(time(event, "created_at"), `${event.path}.created_at`),
    store_id: of.text("location_id"),
    shift_id: of.text("shift_id"),
    cashier_id: event.text("team_member_id") ?? event.text("employee_id"),
  };
  const fact_key = `drawer_event:${id}`;
  const kind = event.text("event_type");
  if (kind === "NO_SALE")
    return [
      { fact_key, draft: draftOf({ event_type: "drawer_opened", reason: "no_sale", ...shared }) },
    ];
  if (kind !== "PAID_IN" && kind !== "PAID_OUT") return [];
  const moved = needed(money(event, "event_money"), `${event.path}.event_money`);
  const draft = draftOf({
    event_type: "cash_moved",
    kind: kind.toLowerCase(),
    ...moved,
    ...shared,
  });
  return [{ fact_key, draft }];
}

/** In: `{ location_id, shift }`. It ends when nobody sells from it any more, and is closed when it was counted. */
export function shiftFacts(of: JsonReader): Fact[] {
  const shift = needed(of.object("shift"), "object.shift");
  const id = needed(shift.text("id"), `${shift.path}.id`);
  const where = {
    store_id: of.text("location_id"),
    terminal_id: shift.object("device")?.text("id"),
    shift_id: id,
  };
  const who = (name: string) =>
    shift.text(`${name}_team_member_id`) ?? shift.text(`${name}_employee_id`);
  const facts: Fact[] = [];
  const add = (key: string, draft: Parameters<typeof draftOf>[0]) =>
    facts.push({ fact_key: `drawer_shift:${id}:${key}`, draft: draftOf({ ...draft, ...where }) });
  const opened = needed(time(shift, "opened_at"), `${shift.path}.opened_at`);
  add("opened", { event_type: "shift", action: "opened", ts: opened, cashier_id: who("opening") });
  const ended = time(shift, "ended_at");
  if (ended !== undefined)
    add("closed", { event_type: "shift", action: "closed", ts: ended, cashier_id: who("ending") });
  const closed = time(shift, "closed_at");
  const counted = money(shift, "closed_cash_money");
  if (closed !== undefined && counted !== undefined)
    add("counted", {
      ...{ event_type: "cash_counted", ts: closed, cashier_id: who("closing") },
      ...{ expected: money(shift, "expected_cash_money")?.amount, counted: counted.amount },
      currency: counted.currency,
    });
  return facts;
}
