// What can become of one event at the door: a value, counted and answered, never a silent drop.

/** Why an event was set aside in quarantine. It is kept (scrubbed) and can be replayed after a fix. */
export const QUARANTINE_REASONS = {
  not_an_object: "The event is not a JSON object.",
  event_type_missing: "The event names no event_type.",
  unknown_event_type: "No event type of that name exists; see docs/events.md.",
  event_id_invalid: "event_id must be 1 to 64 of A-Z a-z 0-9 _ . : -",
  ts_missing: "The event has no ts.",
  ts_invalid: "ts must be whole UTC milliseconds, or an ISO 8601 time with a zone.",
  time_out_of_range: "ts lies before 2000 or more than 24 hours ahead.",
  field_invalid: "A field has the wrong type; the detail names field and expected type.",
  field_too_long: "A text is over its limit; the detail names field and limit.",
  array_or_object: "Events are flat: a field holds an array or an object.",
  null_value: "Events hold no nulls: leave an absent field out.",
  amount_not_integer: "An amount is not a whole number of minor units.",
  amount_out_of_range: "An amount is negative where the type gives the direction, or beyond 10^12.",
  currency_missing: "An amount came without currency.",
  currency_unknown: "The currency is not an ISO 4217 code that we know.",
  too_many_attributes: "More than 50 fields that no event type knows.",
  event_too_large: "The event is over 64 KiB.",
  wrong_merchant: "The event names another merchant than the key's.",
  wrong_account: "The delivery names another account than the connection's.",
  translation_failed: "The provider's delivery could not be translated; the detail says where.",
  store_refused: "The event store refused the row; the detail has its words.",
} as const satisfies Record<string, string>;
export type QuarantineReason = keyof typeof QUARANTINE_REASONS;

/** Why an event was turned away without being kept; the sender still has it. */
export const REJECT_REASONS = {
  event_id_missing: "Neither event_id nor a webhook-id header is there to tell a repeat by.",
  test_mode: "A test delivery came to a live connection, or the reverse.",
} as const satisfies Record<string, string>;
export type RejectReason = keyof typeof REJECT_REASONS;

/** `durability`: `spooled` = synced to our disk; `stored` = also in ClickHouse. `masked` names fields in which card data was masked. */
export type EventOutcome =
  | {
      outcome: "accepted";
      event_id: string;
      durability: "spooled" | "stored";
      masked?: string[];
      notes?: string[];
    }
  | { outcome: "duplicate"; event_id: string }
  | {
      outcome: "quarantined";
      event_id?: string;
      quarantine_id: string;
      reason: QuarantineReason;
      detail: string;
    }
  | { outcome: "rejected"; event_id?: string; reason: RejectReason; detail: string };
