// Where each field of an event lives in the table: a column of its own, one of two maps, or the attributes.
import { FIELD_SPECS, FIELDS, type FieldKind, type FieldName } from "../core/event-fields.ts";

/**
 * Fields with a column of their own: what many types share and what rules group, join and search by. Moving a field is
 * a migration. Order is the order of the encoded row.
 */
const OWN_COLUMNS = [
  "merchant_id",
  "store_id",
  "ts",
  "event_id",
  "event_type",
  "source",
  "received_ts",
  "ts_local",
  "local_hour",
  "business_day",
  "business_month",
  "is_late",
  "store_lat",
  "store_lon",
  "in_opening_hours",
  "opening_phase",
  "terminal_id",
  "shift_id",
  "ticket_id",
  "cashier_id",
  "staff_role",
  "cashier_active",
  "clocked_in",
  "account_id",
  "customer_id",
  "customer_is_staff",
  "device_id",
  "ip",
  "ip_country",
  "currency",
  "training",
  "offline",
  "sale_id",
  "amount",
  "tender_type",
  "card_token",
  "payment_id",
  "outcome",
  "action",
  "reason",
  "bin",
  "approver_id",
  "gift_card_id",
  "login_hash",
  "lat",
  "lon",
] as const satisfies readonly FieldName[];

/** All columns of `events` in the order of an encoded row. */
export const EVENT_COLUMNS = [...OWN_COLUMNS, "numbers", "texts", "attributes"] as const;

/** Never absent: no NULL in these. An absent store_id is the empty text, since sort keys hold no NULL. */
export const NEVER_NULL: ReadonlySet<string> = new Set([
  "merchant_id",
  "store_id",
  "ts",
  "event_id",
  "event_type",
  "source",
  "received_ts",
]);

const own: ReadonlySet<string> = new Set(OWN_COLUMNS);

/**
 * Where a field is found. column: its own, NULL when absent. numbers, texts: a key of that map, missing when absent
 * (booleans are 0 and 1). Unknown names give attributes.
 */
export type FieldHome = { in: "column" | "numbers" | "texts" | "attributes"; kind: FieldKind };

function fieldHome(name: string): FieldHome {
  const spec = FIELD_SPECS.get(name);
  if (spec === undefined) return { in: "attributes", kind: "s" };
  if (own.has(name)) return { in: "column", kind: spec.kind };
  return { in: spec.kind === "s" || spec.kind === "l" ? "texts" : "numbers", kind: spec.kind };
}

/** The homes of all fields, by name. */
export const FIELD_HOMES: ReadonlyMap<string, FieldHome> = new Map(
  Object.keys(FIELDS).map((name) => [name, fieldHome(name)]),
);

/**
 * The SQL that reads a field's value, NULL when absent. In: a field's name of the vocabulary; any other throws, so that no text
 * from outside becomes SQL.
 */
export function fieldSql(name: FieldName): string {
  const home = FIELD_HOMES.get(name);
  if (home === undefined) throw new TypeError(`no field ${name}`);
  if (name === "store_id") return "nullIf(store_id, '')";
  if (home.in === "column") return name;
  return `if(mapContains(${home.in}, '${name}'), ${home.in}['${name}'], NULL)`;
}
