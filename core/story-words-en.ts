// The English in which an alert is told. Another language is another such file, with a line in `story-words.ts`.
import type { EventType } from "./event-fields.ts";
import type { Level } from "./level.ts";
import type { RuleWords } from "./rule-words/rule-words.ts";

/** One of it and several of it. */
export type Noun = readonly [one: string, many: string];

/** Named in brackets; as where money went back to; as what else was done with it. */
type About = readonly [name: string, refunded: string, done: string];

/** `{name}` stands for a value. */
export type StoryWords = {
  levels: Readonly<Record<Level, string>>;
  acts: Readonly<Record<EventType, Noun>>;
  /** Where a field's value makes the act another one, as `type.field.value`. */
  telling: Readonly<Record<string, Noun>>;
  /** What it is about, by the subject's type where place and person do not say it already. */
  about: Readonly<
    Record<
      | ("card" | "cardEnding" | "account" | "accountNamed" | "device" | "deviceNamed")
      | ("bin" | "gift_card" | "customer"),
      About
    >
  >;
  sentence: string;
  onTill: string;
  inStore: string;
  total: string;
  totalOfMany: string;
  who: string;
  atTime: string;
  fromTo: string;
  span: Record<"minutes" | "hours" | "days", string>;
  longSpan: Record<"minute" | "minutes" | "hours" | "days", string>;
  till: string;
  namelessTill: string;
  namelessStore: string;
  namelessPerson: string;
  /** Why a payment was declined, by the usual codes; others are shown as they are. */
  declines: Readonly<Record<string, string>>;
  /** What rules say in this language; none for the language of their files. */
  rules: Readonly<Record<string, RuleWords>>;
  /** Where a rule has no advice. */
  doNow: readonly string[];
  explains: readonly string[];
};

export const ENGLISH_STORY: StoryWords = {
  levels: {
    informational: "Info",
    low: "Low",
    medium: "Medium",
    high: "High",
    critical: "Critical",
  },
  acts: {
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
  },
  telling: {
    "payment.outcome.declined": ["declined payment", "declined payments"],
    "payment.outcome.approved": ["approved payment", "approved payments"],
    "sign_in.outcome.failure": ["failed sign-in", "failed sign-ins"],
    "sign_in.outcome.failed": ["failed sign-in", "failed sign-ins"],
    "sign_in.outcome.success": ["successful sign-in", "successful sign-ins"],
    "drawer_opened.reason.no_sale": [
      "drawer opening without a sale",
      "drawer openings without a sale",
    ],
    "account_changed.change.mfa": ["second factor change", "second factor changes"],
    "account_changed.change.created": ["new account", "new accounts"],
    "account_changed.change.role": ["role change", "role changes"],
    "account_changed.change.password": ["password change", "password changes"],
    "account_changed.change.api_key": ["API key change", "API key changes"],
    "tls_handshake.is_clear_text.true": ["unencrypted connection", "unencrypted connections"],
    "gift_card.action.balance": ["gift card balance check", "gift card balance checks"],
  },
  about: {
    card: ["one card", "to one card", "with one card"],
    cardEnding: [
      "one card ending {last4}",
      "to one card ending {last4}",
      "with one card ending {last4}",
    ],
    account: ["one account", "to one account", "for one account"],
    accountNamed: ["account “{id}”", "to account “{id}”", "for account “{id}”"],
    device: ["one device", "to one device", "from one device"],
    deviceNamed: ["“{id}”", "to “{id}”", "from “{id}”"],
    bin: [
      "cards that begin with {id}",
      "to cards that begin with {id}",
      "with cards that begin with {id}",
    ],
    gift_card: ["one gift card", "to one gift card", "with one gift card"],
    customer: ["one customer", "to one customer", "for one customer"],
  },
  sentence: "{what}{where}, {when}{total}.{who}",
  onTill: " on {till}",
  inStore: " in {store}",
  total: ", {amount}",
  totalOfMany: ", {amount} in all",
  who: " At the till: {person}.",
  atTime: "{from} ({place} time)",
  fromTo: "{from} to {to} ({place} time)",
  span: { minutes: "in {n} min", hours: "in {n} h", days: "in {n} days" },
  longSpan: {
    minute: "within a minute",
    minutes: "within {n} minutes",
    hours: "within {n} hours",
    days: "within {n} days",
  },
  till: "Till {n}",
  namelessTill: "till {id}",
  namelessStore: "shop {id}",
  namelessPerson: "cashier {id}",
  declines: {
    insufficient_funds: "not enough money",
    do_not_honor: "refused by the bank",
    generic_decline: "refused by the bank",
    expired_card: "card expired",
    incorrect_cvc: "wrong security code",
    incorrect_pin: "wrong PIN",
    lost_card: "card reported lost",
    stolen_card: "card reported stolen",
  },
  rules: {},
  doNow: [
    "Look at the rows below and ask the person who worked there what happened.",
    "If nobody can explain it, keep receipts and camera pictures of that time.",
  ],
  explains: ["A customer's mistake, a test by staff, or a promotion can look the same."],
};
