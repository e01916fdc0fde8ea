// The vocabulary: every event type and every field, once. Encoder, validator, rule loader and docs all read this list.

/**
 * s text · i whole number · m money in minor units of `currency` · b true or false · t UTC ms · l store-local wall
 * clock (`2026-11-25T10:00:00.000`) · ms duration · bp basis points (1 % = 100) · deg degrees (the only decimals).
 */
export type FieldKind = "s" | "i" | "m" | "b" | "t" | "l" | "ms" | "bp" | "deg";

/** `by: "ingest"` = added at the door. `fixed` = only ingest may set it: a sender's value is dropped and noted. */
type FieldSpec = { kind: FieldKind; about: string; by?: "ingest"; fixed?: true; signed?: true };

const s = (about: string) => ({ kind: "s", about }) as const;
const i = (about: string) => ({ kind: "i", about }) as const;
const m = (about: string) => ({ kind: "m", about }) as const;
const b = (about: string) => ({ kind: "b", about }) as const;
const t = (about: string) => ({ kind: "t", about }) as const;
const ms = (about: string) => ({ kind: "ms", about }) as const;
const bp = (about: string) => ({ kind: "bp", about }) as const;
const deg = (about: string) => ({ kind: "deg", about }) as const;
const added = <T extends { kind: FieldKind; about: string }>(spec: T) =>
  ({ ...spec, by: "ingest" }) as const;
const fixed = <T extends { kind: FieldKind; about: string }>(spec: T) =>
  ({ ...spec, by: "ingest", fixed: true }) as const;
const signed = <T extends { kind: FieldKind; about: string }>(spec: T) =>
  ({ ...spec, signed: true }) as const;

/** Fields that any event may carry. */
export const ENVELOPE = {
  event_id: s("unique within the merchant; 1-64 of A-Z a-z 0-9 _ . : -"),
  event_type: s("what happened; a key of EVENT_TYPES"),
  merchant_id: fixed(s("the business; the unit of isolation")),
  source: fixed(
    s(
      "where the event came from: api, square, stripe, shopify, adyen, toast, zettle, lightspeed, clover, sumup, pos, import, demo",
    ),
  ),
  ts: t("when it happened"),
  received_ts: fixed(t("when we made it durable")),
  ts_local: added({ kind: "l", about: "ts on the store's wall clock" } as const),
  local_hour: added(i("hour of ts_local, 0-23")),
  business_day: added(s("the store's trading day, YYYY-MM-DD")),
  business_month: added(s("YYYY-MM of business_day")),
  is_late: fixed(b("it arrived after its instant had been judged")),
  store_id: s("the shop"),
  store_lat: added(deg("latitude of the shop")),
  store_lon: added(deg("longitude of the shop")),
  in_opening_hours: added(b("within the shop's opening hours")),
  opening_phase: added(s("first_hour, middle or last_hour of the opening hours")),
  terminal_id: s("the till"),
  shift_id: s("the cashier's shift"),
  ticket_id: s("the sale in the making, before it has a sale_id"),
  cashier_id: s("who worked the till"),
  staff_role: added(s("role of the cashier, such as cashier or manager")),
  cashier_active: added(b("false: the cashier has left")),
  clocked_in: added(b("the cashier is clocked in")),
  account_id: s("the account that signed in or was changed"),
  customer_id: s("the customer"),
  customer_is_staff: added(b("the customer is also staff")),
  device_id: s("what a person signs in or pays from"),
  ip: s("network address"),
  ip_country: added(s("country of the address, two letters")),
  currency: s("ISO 4217 code; needed with any money field"),
  training: b("training mode: only rules that name this field see the event"),
  offline: b("taken while the till or reader was offline"),
} as const satisfies Record<string, FieldSpec>;

/** Fields of single event types. One name has one kind everywhere. */
export const DETAILS = {
  sale_id: s("the finished sale"),
  receipt_no: i("running number on the receipt"),
  amount: m("the money concerned"),
  tax: m("tax within the amount"),
  discount: m("discount given on the sale"),
  discount_bp: bp("discount as a share of the price before it"),
  line_count: i("lines on the ticket"),
  tender_type: s("cash, card, gift_card, voucher, account"),
  stage: s("items or payment: how far the cancelled sale had come"),
  line_id: s("one line of a ticket"),
  sku: s("article number"),
  department: s("group of articles"),
  is_open_department: b("rung up without an article"),
  entry_method: s("scan, keyed, weighed, picked"),
  quantity_milli: i("quantity in thousandths"),
  unit_price: m("price charged for one"),
  list_price: m("price in the catalogue"),
  cost: m("what the shop paid for it"),
  line_amount: m("the line's total"),
  is_promo: b("covered by a promotion"),
  scan_gap_ms: ms("since the line before"),
  from_ticket_id: s("the ticket the line left"),
  to_ticket_id: s("the ticket the line went to"),
  override_kind: s("price, tax, currency, quantity"),
  old_amount: m("before the override"),
  new_amount: m("after the override"),
  approver_id: s("who approved"),
  discount_kind: s("manual, promo, staff, loyalty"),
  at_ceiling: added(b("at the most that the cashier may give")),
  card_token: s("keyed fingerprint of the card, per merchant"),
  gift_card_id: s("the gift card"),
  since_tender_ms: added(ms("since the customer paid")),
  sale_cashier_id: added(s("who made the sale")),
  sale_discount_bp: added(bp("discount on that sale")),
  refund_kind: s("return, no_receipt, price_adjust, exchange"),
  limit_bp: added(bp("amount as a share of the cashier's approval limit")),
  card_owner_cashier_id: added(s("the member of staff who owns the card")),
  sale_found: added(b("the sale is known here; false can mean that its till is still offline")),
  sale_card_token: added(s("card that paid the sale")),
  sale_tender_type: added(s("how the sale was paid")),
  sale_age_ms: added(ms("since the sale")),
  authorised: m("amount authorised before the tip"),
  tip: m("the tip"),
  over_auth_bp: added(bp("tip over the authorised amount")),
  tip_bp: added(bp("tip over the ticket")),
  coupon_code: s("code on the coupon"),
  is_single_use: b("the coupon may be used once"),
  action: s("what was done; its values depend on the event type"),
  loyalty_id: s("the loyalty account"),
  points: signed(i("points accrued or redeemed")),
  is_staff_owner: added(b("the loyalty account belongs to staff")),
  outcome: s("how it ended; its values depend on the event type"),
  issued_by: added(s("sale, refund or adjustment")),
  age_ms: added(ms("since the gift card's activation")),
  activated_store_id: added(s("shop where it was activated")),
  activated_ip: added(s("address from which it was activated")),
  approver_on_shift: added(b("the approver is clocked in")),
  reason: s("why; its values depend on the event type"),
  open_ms: ms("how long the drawer stood open"),
  expected: m("what should be there"),
  counted: m("what was there"),
  difference: signed(added(m("counted less expected"))),
  abs_difference: added(m("size of the difference")),
  kind: s("paid_in, paid_out, cash_in, cash_out, collected"),
  is_undone: b("the entry was undone later"),
  payment_id: s("the payment at the provider"),
  decline_code: s("the provider's or bank's code"),
  card_xhash: fixed(s("keyed fingerprint of the card across merchants; never shown to a merchant")),
  bin: s("first six to eight digits: the issuer's range"),
  last4: s("last four digits"),
  card_expiry: s("YYYY-MM"),
  card_has_chip: b("the card has a chip"),
  issuer_country: s("two letters"),
  entry_mode: s("chip, contactless, swipe, fallback, keyed, online"),
  auth_kind: s("online, offline, voice, forced"),
  email_hash: s("hash of the buyer's e-mail address"),
  avs_result: s("address check"),
  cvv_result: s("security code check"),
  risk_score: i("the provider's score, 0-100"),
  dispute_kind: s("chargeback, warning, inquiry"),
  reason_code: s("the scheme's reason"),
  is_fraud: b("the reason says fraud"),
  due_ts: t("answer due"),
  payment_count: i("payments settled"),
  method: s("password, passkey, pin, api_key, link"),
  login_hash: s("hash of the name as typed, also of unknown accounts"),
  session_id: s("the session"),
  is_privileged: b("the account may do dangerous things"),
  device_age_ms: added(ms("since this account first used the device")),
  country_age_ms: added(ms("since this account was first seen in the country")),
  lat: signed(added(deg("latitude of the address"))),
  lon: signed(added(deg("longitude of the address"))),
  change: s("created, role, password, mfa, recovery, disabled, api_key"),
  target_account_id: s("the account that was changed"),
  old_value: s("before"),
  new_value: s("after"),
  mfa_enrolled: b("a second factor is set up"),
  password_too_short: b("shorter than the policy"),
  password_is_default: b("a vendor's default"),
  password_breached: b("found in a breach list"),
  setting: s("payout_account, tax, refund_limit, terminal, training"),
  old_hash: s("hash before"),
  new_hash: s("hash after"),
  row_count: i("rows exported"),
  page_count: i("pages read"),
  endpoint: s("where it was asked"),
  api_key_id: s("the key that asked"),
  interval_ms: ms("between heartbeats"),
  software_version: s("version on the till"),
  fix_overdue_ms: ms("how long a critical fix is overdue"),
  abs_clock_skew_ms: ms("size of the clock error"),
  serial_ok: b("the serial number is the enrolled one"),
  firmware_ok: b("the firmware is a known one"),
  antivirus_on: b("protection is running"),
  enrolment_id: s("the enrolment of the terminal"),
  serial_hash: s("hash of the serial number"),
  process_name: s("program"),
  process_hash: s("hash of the program"),
  target_process: s("program that was touched"),
  path: s("file"),
  in_release: b("the change belongs to a release"),
  dest_host: s("host name that was asked for"),
  dest_ip: s("address that was reached"),
  dest_port: i("port"),
  bytes_out: i("bytes sent"),
  query_name: s("name asked of DNS"),
  query_length: i("length of that name"),
  entropy_milli: added(i("entropy of the name in thousandths of a bit")),
  is_clear_text: b("no encryption"),
  tls_version: i("12 = TLS 1.2"),
  cipher_ok: b("the cipher is strong"),
  cert_sha256: s("fingerprint of the certificate"),
  cert_ok: b("the certificate is valid for the host"),
  cert_expires_ts: t("certificate ends"),
  pin_ok: b("the certificate is the pinned one"),
  old_gateway_mac: s("gateway before"),
  gateway_mac: s("gateway now"),
  arp_changed: b("the address table changed"),
  tamper_kind: s("debug_on, case_opened, config, chain_forked, chain_broken"),
  found_kind: s("pan, track, cvv"),
  in_event_type: s("type of the event that held it"),
  in_field: s("field that held it"),
  control: s("audit_chain, log_gap, backup, mail, detector, source"),
} as const satisfies Record<string, FieldSpec>;

export const FIELDS = { ...ENVELOPE, ...DETAILS };
export type FieldName = keyof typeof FIELDS;

/** P our till · C POS connector · Y payment provider · A sign-in · G terminal agent · N ingest · V the service. */
export type Sender = "P" | "C" | "Y" | "A" | "G" | "N" | "V";
type EventSpec = { by: readonly Sender[]; fields: readonly (keyof typeof DETAILS)[] };
const type = (by: string, fields: string): EventSpec => ({
  by: by.split("") as Sender[],
  fields: fields.split(" ") as (keyof typeof DETAILS)[],
});

export const EVENT_TYPES = {
  sale: type("PC", "sale_id receipt_no amount tax discount discount_bp line_count tender_type"),
  sale_cancelled: type("PC", "stage amount tender_type"),
  ticket_suspended: type("PC", "amount"),
  ticket_recalled: type("PC", "amount"),
  line_item: type(
    "PC",
    "line_id sku department is_open_department entry_method quantity_milli unit_price list_price cost line_amount is_promo scan_gap_ms",
  ),
  line_removed: type("PC", "line_id sku line_amount"),
  line_moved: type("PC", "line_id from_ticket_id to_ticket_id line_amount"),
  override_applied: type("PC", "override_kind sku old_amount new_amount cost approver_id"),
  discount: type("PC", "discount_kind amount discount_bp at_ceiling approver_id"),
  tender: type("PC", "tender_type amount card_token gift_card_id"),
  void: type("PC", "sale_id amount tender_type since_tender_ms sale_cashier_id sale_discount_bp"),
  refund: type(
    "PCY",
    "refund_kind sale_id amount tender_type card_token gift_card_id limit_bp card_owner_cashier_id sale_found sale_cashier_id sale_card_token sale_tender_type sale_age_ms sale_discount_bp",
  ),
  tip_adjusted: type("PC", "authorised tip over_auth_bp tip_bp"),
  coupon_redeemed: type("PC", "coupon_code is_single_use amount"),
  loyalty: type("PC", "action loyalty_id points is_staff_owner"),
  gift_card: type(
    "PC",
    "action gift_card_id amount outcome issued_by age_ms activated_store_id activated_ip",
  ),
  approval_used: type("PC", "approver_id approver_on_shift action amount"),
  drawer_opened: type("PC", "reason"),
  drawer_closed: type("PC", "open_ms"),
  cash_counted: type("PC", "expected counted difference abs_difference"),
  cash_moved: type("PC", "kind amount is_undone"),
  deposit: type("PC", "amount expected abs_difference"),
  shift: type("PC", "action"),
  store_day: type("PC", "action"),
  time_clock: type("PC", "action"),
  payment: type(
    "PCY",
    "payment_id outcome decline_code amount card_token card_xhash bin last4 card_expiry card_has_chip issuer_country entry_mode auth_kind email_hash avs_result cvv_result risk_score card_owner_cashier_id",
  ),
  dispute: type("Y", "dispute_kind payment_id card_token amount reason_code is_fraud due_ts"),
  settlement: type("Y", "payment_count amount"),
  sign_in: type(
    "AP",
    "outcome reason method login_hash session_id is_privileged device_age_ms country_age_ms lat lon",
  ),
  session_seen: type("A", "session_id device_age_ms lat lon"),
  account_changed: type(
    "AP",
    "change target_account_id old_value new_value is_privileged mfa_enrolled password_too_short password_is_default password_breached",
  ),
  setting_changed: type("ACP", "setting old_hash new_hash"),
  data_exported: type("AP", "row_count page_count endpoint api_key_id"),
  terminal_heartbeat: type(
    "GP",
    "interval_ms software_version fix_overdue_ms abs_clock_skew_ms serial_ok firmware_ok antivirus_on enrolment_id serial_hash",
  ),
  process_event: type("G", "action process_name process_hash target_process"),
  file_changed: type("GP", "path old_hash new_hash in_release"),
  connection: type("G", "dest_host dest_ip dest_port bytes_out"),
  dns_query: type("G", "query_name query_length entropy_milli"),
  tls_handshake: type(
    "G",
    "dest_host is_clear_text tls_version cipher_ok cert_sha256 cert_ok cert_expires_ts pin_ok",
  ),
  network_changed: type("G", "old_gateway_mac gateway_mac arp_changed"),
  terminal_tamper: type("GN", "tamper_kind"),
  card_data_found: type("NP", "found_kind in_event_type in_field"),
  control_failed: type("VN", "control"),
} as const satisfies Record<string, EventSpec>;
export type EventType = keyof typeof EVENT_TYPES;

/** The fields' specs for code that looks one up by a name that may be anything. */
export const FIELD_SPECS: ReadonlyMap<string, FieldSpec> = new Map(Object.entries(FIELDS));
