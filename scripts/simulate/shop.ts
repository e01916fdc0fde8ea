// What the simulator knows about a business before anything happens: shops, people, goods, cards.
import type { OpeningDay } from "../../core/merchant.ts";

export type StaffRole = "cashier" | "supervisor" | "manager" | "owner";

/** A person of the business. Managers and the owner also have an account, a device and an address of their own. */
export type ShopStaff = {
  cashier_id: string;
  name: string;
  role: StaffRole;
  /** Null for the owner, who belongs to no single shop. */
  store_id: string | null;
  active: boolean;
  account_id: string;
  login_hash: string;
  device_id: string;
  ip: string;
};

/** A card as a payment provider describes it: never a number, only range, last four digits and a fingerprint. */
export type PayCard = {
  card_token: string;
  bin: string;
  last4: string;
  card_expiry: string;
  card_has_chip: boolean;
  issuer_country: string;
};

export type Customer = {
  customer_id: string;
  card: PayCard;
  /** Not everybody joins the loyalty scheme. */
  loyalty_id?: string;
  email_hash: string;
  device_id: string;
  ip: string;
};

export type Article = {
  sku: string;
  department: string;
  /** Minor units of the shop's currency. */
  price: number;
  cost: number;
  entry_method: "scan" | "keyed" | "weighed" | "picked";
  /** How often it is bought, relative to the others. */
  weight: number;
};

/** An issuer's range with its share of the cards that come to the till. */
export type Issuer = { bin: string; issuer_country: string; weight: number };

export type GiftCard = {
  gift_card_id: string;
  balance: number;
  activatedMs: number;
  activated_store_id: string;
};

/** A shop of the business. The fields that `core/merchant.ts` has too mean the same. */
export type ShopStore = {
  id: string;
  name: string;
  zone: string;
  currency: string;
  lat: number;
  lon: number;
  /** Hours in which tills may be used: they begin before the doors open and end after they close. */
  opening_hours: OpeningDay[];
  /** Minutes between the start of the hours and the doors, and again at the end. */
  setupMinutes: number;
  terminals: string[];
  /** Customers in the busiest hour of an average day. */
  peakCustomersPerHour: number;
  /** Share of orders that are paid on the web shop and fetched. */
  onlineShare: number;
  /** Share of card sales that get a tip afterwards. */
  tipShare: number;
};

export type Shop = {
  name: string;
  zone: string;
  currency: string;
  language: string;
  seed: string;
  stores: ShopStore[];
  staff: ShopStaff[];
  articles: Article[];
  customers: Customer[];
  issuers: Issuer[];
  giftCards: GiftCard[];
  /** Hosts that tills talk to by arrangement. */
  allowedHosts: { dest_host: string; dest_ip: string }[];
  softwareVersion: string;
};
