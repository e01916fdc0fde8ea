// The words in which an alert is told, in one place, so that another language is another such object.
import type { EventType } from "./event-fields.ts";
import type { Level } from "./level.ts";

export const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  informational: "Info",
  low: "Low",
  medium: "Medium",
  high: "High",
  critical: "Critical",
};

/** One of it and several of it. */
type Noun = readonly [one: string, many: string];

const ACTS: Readonly<Record<EventType, Noun>> = {
  sale: ["sale", "sales"],
  sale_cancelled: ["cancelled sale", "cancelled sales"],
  ticket_suspended: ["suspended ticket", "suspended tickets"],
  ticket_recalled: ["recalled ticket", "recalled tickets"],
  line_item: ["line on a ticket", "lines on tickets"],
  line_removed: ["removed line", "removed lines"],
  line_moved: ["moved line", "moved lines"],
  override_applied: ["price override", "price overrides"],
  discount: ["discount", "discounts"],
  tender: ["payment at the till", "payments at the till"],
  void: ["void", "voids"],
  refund: ["refund", "refunds"],
  tip_adjusted: ["changed tip", "changed tips"],
  coupon_redeemed: ["coupon", "coupons"],
  loyalty: ["loyalty booking", "loyalty bookings"],
  gift_card: ["gift card booking", "gift card bookings"],
  approval_used: ["approval", "approvals"],
  drawer_opened: ["drawer opening", "drawer openings"],
  drawer_closed: ["drawer closing", "drawer closings"],
  cash_counted: ["cash count", "cash counts"],
  cash_moved: ["cash movement", "cash movements"],
  deposit: ["bank deposit", "bank deposits"],
  shift: ["shift change", "shift changes"],
  store_day: ["opening or closing of the shop", "openings or closings of the shop"],
  time_clock: ["clock-in or clock-out", "clock-ins or clock-outs"],
  payment: ["card payment", "card payments"],
  dispute: ["dispute", "disputes"],
  settlement: ["settlement", "settlements"],
  sign_in: ["sign-in", "sign-ins"],
  session_seen: ["use of a session", "uses of a session"],
  account_changed: ["account change", "account changes"],
  setting_changed: ["setting change", "setting changes"],
  data_exported: ["data export", "data exports"],
  terminal_heartbeat: ["till health report", "till health reports"],
  process_event: ["program event", "program events"],
  file_changed: ["changed file", "changed files"],
  connection: ["network connection", "network connections"],
  dns_query: ["name look-up", "name look-ups"],
  tls_handshake: ["encrypted connection", "encrypted connections"],
  network_changed: ["network change", "network changes"],
  terminal_tamper: ["sign of tampering", "signs of tampering"],
  card_data_found: ["card number in clear", "card numbers in clear"],
  control_failed: ["failed control", "failed controls"],
};

/** Where a field's value makes the act another one: `payment` with `outcome: declined` is a declined payment. */
const TELLING: readonly { type: EventType; field: string; value: string; noun: Noun }[] = [
  {
    type: "payment",
    field: "outcome",
    value: "declined",
    noun: ["declined payment", "declined payments"],
  },
  {
    type: "payment",
    field: "outcome",
    value: "approved",
    noun: ["approved payment", "approved payments"],
  },
  {
    type: "sign_in",
    field: "outcome",
    value: "failure",
    noun: ["failed sign-in", "failed sign-ins"],
  },
  {
    type: "sign_in",
    field: "outcome",
    value: "failed",
    noun: ["failed sign-in", "failed sign-ins"],
  },
  {
    type: "sign_in",
    field: "outcome",
    value: "success",
    noun: ["successful sign-in", "successful sign-ins"],
  },
  {
    type: "drawer_opened",
    field: "reason",
    value: "no_sale",
    noun: ["drawer opening without a sale", "drawer openings without a sale"],
  },
  {
    type: "account_changed",
    field: "change",
    value: "mfa",
    noun: ["second factor change", "second factor changes"],
  },
  {
    type: "account_changed",
    field: "change",
    value: "created",
    noun: ["new account", "new accounts"],
  },
  {
    type: "account_changed",
    field: "change",
    value: "role",
    noun: ["role change", "role changes"],
  },
  {
    type: "account_changed",
    field: "change",
    value: "password",
    noun: ["password change", "password changes"],
  },
  {
    type: "account_changed",
    field: "change",
    value: "api_key",
    noun: ["API key change", "API key changes"],
  },
  {
    type: "tls_handshake",
    field: "is_clear_text",
    value: "true",
    noun: ["unencrypted connection", "unencrypted connections"],
  },
  {
    type: "gift_card",
    field: "action",
    value: "balance",
    noun: ["gift card balance check", "gift card balance checks"],
  },
];

/** The noun for an act. In: event type, and the fields that a rule looked at. An unknown type is named as it is. */
export function actNoun(type: string, fields: Readonly<Record<string, string>>): Noun {
  const telling = TELLING.find((row) => row.type === type && fields[row.field] === row.value);
  if (telling !== undefined) return telling.noun;
  return ACTS[type as EventType] ?? [type.replaceAll("_", " "), type.replaceAll("_", " ")];
}

export const FALLBACK = {
  doNow: [
    "Look at the rows below and ask the person who worked there what happened.",
    "If nobody can explain it, keep receipts and camera pictures of that time.",
  ],
  explains: ["A customer's mistake, a test by staff, or a promotion can look the same."],
} as const;
