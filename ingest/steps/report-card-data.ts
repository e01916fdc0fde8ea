// Card data that was masked is told as an event of its own, so that rules and people see it.
import type { EventDraft } from "../../core/event.ts";
import { contentId } from "../../core/ids.ts";
import type { FoundInField } from "./scrub-delivery.ts";

/** One report a field and kind. Its id follows from the event's, so that a re-sent event reports once. */
export function cardDataFound(
  of: Pick<EventDraft, "ts" | "store_id" | "terminal_id" | "cashier_id"> & {
    event_id?: string;
    event_type: string;
  },
  found: readonly FoundInField[],
  merchantId: string,
): EventDraft[] {
  return found.map(({ field, kind }) => {
    const draft: EventDraft = {
      event_type: "card_data_found",
      event_id: contentId("card_data_found", merchantId, of.event_id ?? "", field, kind),
      ts: of.ts,
      found_kind: kind,
      in_event_type: of.event_type,
      in_field: field.slice(0, 128),
    };
    if (of.store_id !== undefined) draft.store_id = of.store_id;
    if (of.terminal_id !== undefined) draft.terminal_id = of.terminal_id;
    if (of.cashier_id !== undefined) draft.cashier_id = of.cashier_id;
    return draft;
  });
}
