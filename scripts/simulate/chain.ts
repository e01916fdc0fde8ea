// The two businesses that tests, documents and the demo use: a three-shop bakery chain and one shop that never closes.
import { contentId } from "../../core/ids.ts";
import type { OpeningDay } from "../../core/merchant.ts";
import { makeCard, makeIssuers } from "./cards.ts";
import { makeRandom, type Random } from "./random.ts";
import type { Article, Customer, Shop, ShopStaff, ShopStore, StaffRole } from "./shop.ts";

const FIRST =
  "Ada Ben Cleo Dev Elif Finn Gia Hugo Ines Jonas Kira Liam Mona Nils Olga Pia Quinn Rosa";
const LAST = "Abbott Birch Cole Dunn Ellis Frost Grant Hale Irwin Jones Kemp Lowe Marsh Noble Owen";
const DEPARTMENTS = [
  { name: "bread", entry: "picked", from: 250, to: 650, articles: 14 },
  { name: "pastry", entry: "picked", from: 180, to: 480, articles: 16 },
  { name: "coffee", entry: "picked", from: 220, to: 460, articles: 10 },
  { name: "cheese", entry: "weighed", from: 900, to: 2_800, articles: 10 },
  { name: "pantry", entry: "scan", from: 320, to: 1_900, articles: 24 },
  { name: "wine", entry: "scan", from: 790, to: 3_900, articles: 12 },
] as const;

function makeArticles(random: Random): Article[] {
  const articles: Article[] = [];
  for (const department of DEPARTMENTS) {
    for (let i = 1; i <= department.articles; i += 1) {
      const price = Math.round(random.int(department.from, department.to) / 10) * 10 - 1;
      articles.push({
        sku: `${department.name}-${String(i).padStart(2, "0")}`,
        department: department.name,
        price,
        cost: Math.round(price * (0.35 + random.next() * 0.25)),
        entry_method: department.entry,
        weight: (department.from < 500 ? 3 : 1) / i ** 0.6,
      });
    }
  }
  return articles;
}

function makeStaff(random: Random, stores: readonly ShopStore[]): ShopStaff[] {
  const staff: ShopStaff[] = [];
  const hire = (role: StaffRole, store_id: string | null, active = true) => {
    const n = String(staff.length + 1).padStart(2, "0");
    const name = `${random.pick(FIRST.split(" "))} ${random.pick(LAST.split(" "))}`;
    staff.push({
      cashier_id: `staff-${n}`,
      name,
      role,
      store_id,
      active,
      account_id: `account-${n}`,
      login_hash: random.hex(32),
      device_id: `device-${random.hex(10)}`,
      // Documentation range of RFC 5737: no real person lives there.
      ip: `198.51.100.${staff.length + 1}`,
    });
  };
  hire("owner", null);
  for (const store of stores) {
    hire("manager", store.id);
    hire("supervisor", store.id);
    for (let i = 0; i < store.terminals.length * 2 + 1; i += 1) hire("cashier", store.id);
  }
  hire("cashier", stores[0]?.id ?? null, false);
  return staff;
}

function makeCustomers(random: Random, issuers: Shop["issuers"], count: number): Customer[] {
  const customers: Customer[] = [];
  for (let i = 1; i <= count; i += 1) {
    const id = String(i).padStart(5, "0");
    const customer: Customer = {
      customer_id: `customer-${id}`,
      card: makeCard(random, issuers),
      email_hash: random.hex(32),
      device_id: `phone-${random.hex(10)}`,
      // Benchmark range of RFC 2544: no real person lives there either.
      ip: `198.${random.int(18, 19)}.${random.int(0, 255)}.${random.int(1, 254)}`,
    };
    if (random.chance(0.6)) customer.loyalty_id = `loyalty-${id}`;
    customers.push(customer);
  }
  return customers;
}

type Outline = Pick<Shop, "name" | "seed" | "stores"> & { customers: number };

function furnish(outline: Outline): Shop {
  const random = makeRandom(`${outline.seed}/shop`);
  const issuers = makeIssuers(random.fork("issuers"));
  const first = outline.stores[0];
  if (first === undefined) throw new Error("A shop needs at least one store.");
  const cards = random.fork("gift-cards");
  return {
    name: outline.name,
    seed: outline.seed,
    zone: first.zone,
    currency: first.currency,
    language: "en",
    stores: outline.stores,
    staff: makeStaff(random.fork("staff"), outline.stores),
    articles: makeArticles(random.fork("articles")),
    customers: makeCustomers(random.fork("customers"), issuers, outline.customers),
    issuers,
    giftCards: outline.stores.flatMap((store) =>
      Array.from({ length: 40 }, (_, n) => ({
        gift_card_id: contentId(outline.seed, store.id, "gift", n),
        balance: cards.pick([1_000, 2_500, 5_000]),
        activatedMs: -cards.int(3, 200) * 86_400_000,
        activated_store_id: store.id,
      })),
    ),
    allowedHosts: [
      { dest_host: "api.payments.example", dest_ip: "192.0.2.10" },
      { dest_host: "pos.tillmaker.example", dest_ip: "192.0.2.20" },
      { dest_host: "time.tillmaker.example", dest_ip: "192.0.2.21" },
    ],
    softwareVersion: "7.4.0",
  };
}

const hours = (from: number, to: number): OpeningDay => ({ from: from * 60, to: to * 60 });
const WEEK = [hours(7.5, 18.5), hours(7.5, 18.5), hours(7.5, 18.5), hours(7.5, 19.5)];
const OPEN_ALWAYS: OpeningDay[] = Array.from({ length: 7 }, () => hours(0, 24));

const PLACES = [
  { id: "london", name: "London Bridge", lat: 51.5055, lon: -0.0906, peak: 48, tills: 3 },
  { id: "brighton", name: "Brighton Lanes", lat: 50.8214, lon: -0.1408, peak: 36, tills: 2 },
  { id: "leeds", name: "Leeds Market", lat: 53.7967, lon: -1.5399, peak: 40, tills: 3 },
];

/** The chain's n-th shop; after the third the places repeat under new ids. */
function chainStore(n: number): ShopStore {
  const place = PLACES[n % PLACES.length] as (typeof PLACES)[number];
  const id = n < PLACES.length ? place.id : `${place.id}-${Math.floor(n / PLACES.length) + 1}`;
  return {
    id,
    name: place.name,
    zone: "Europe/London",
    currency: "GBP",
    lat: place.lat,
    lon: place.lon,
    opening_hours: [...WEEK, hours(7.5, 19.5), hours(8, 19), hours(9, 17)],
    setupMinutes: 30,
    terminals: Array.from({ length: place.tills }, (_, i) => `${id}-till-${i + 1}`),
    peakCustomersPerHour: place.peak,
    onlineShare: n % 3 === 1 ? 0 : 0.05,
    tipShare: n % 3 === 1 ? 0.25 : 0.05,
  };
}

/** A bakery chain with `stores` shops, about 350 sales a day each. */
export function chain(seed: string, stores: number): Shop {
  const list = Array.from({ length: stores }, (_, n) => chainStore(n));
  return furnish({ name: "Harbour & Rye", seed, stores: list, customers: 900 * stores });
}

/** The chain of three shops on which rules are judged: in tests, documents and benchmarks. */
export function threeStoreChain(seed: string): Shop {
  return chain(seed, 3);
}

/**
 * The demo's business: a shop that is open at any hour, so that something happens whenever a newcomer looks,
 * and a market stall that is open on Saturdays only, so that there is always a place that ought to be closed.
 */
export function demoShop(seed: string): Shop {
  const base = chainStore(0);
  const corner: ShopStore = {
    ...base,
    id: "corner",
    name: "Corner Shop (demo)",
    opening_hours: OPEN_ALWAYS,
    setupMinutes: 0,
    terminals: ["corner-till-1", "corner-till-2"],
  };
  const stall: ShopStore = {
    ...base,
    id: "stall",
    name: "Market Stall (demo)",
    lat: 51.5413,
    lon: -0.1463,
    opening_hours: [null, null, null, null, null, hours(7, 15), null],
    terminals: ["stall-till-1"],
    peakCustomersPerHour: 20,
    onlineShare: 0,
  };
  return furnish({ name: "Corner Shop (demo)", seed, stores: [corner, stall], customers: 600 });
}
