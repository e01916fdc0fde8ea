// The business and what belongs to it: shops, staff, connections.

/** `zone` is a tz database name, `currency` ISO 4217; `emails` receive alert mail. */
export type Merchant = {
  id: string;
  name: string;
  zone: string;
  currency: string;
  language: string;
  emails: string[];
  is_demo: boolean;
  created_at: number;
};

/** The service itself, for its hourly test alert. No list of merchants shows it. */
export const CANARY_MERCHANT = "mer_canary";

/** One day's opening, minutes after local midnight; `to` may pass 1440 (closing after midnight). */
export type OpeningDay = { from: number; to: number } | null;

/** `opening_hours` has seven entries, Monday first, or is null where the owner has not said. Unconfirmed: seen in an event only. */
export type Store = {
  id: string;
  merchant_id: string;
  name: string;
  zone: string;
  currency: string;
  lat: number | null;
  lon: number | null;
  opening_hours: OpeningDay[] | null;
  confirmed: boolean;
};

export type StaffMember = {
  cashier_id: string;
  merchant_id: string;
  name: string;
  role: string;
  active: boolean;
  confirmed: boolean;
};

export const SOURCE_KINDS = [
  "square",
  "stripe",
  "shopify",
  "adyen",
  "toast",
  "zettle",
  "lightspeed",
  "clover",
  "sumup",
  "api",
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** One connection of a provider. `account` = the provider's name for the merchant; `account_confirmed` false = proposed by its first delivery. */
export type SourceConnection = {
  id: string;
  merchant_id: string;
  kind: SourceKind;
  account: string | null;
  account_confirmed: boolean;
  mode: "any" | "live" | "test";
  /** Public address the provider posts to, exactly as registered there. */
  url: string;
  created_at: number;
};
