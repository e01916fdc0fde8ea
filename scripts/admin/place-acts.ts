// Acts on shops and staff: what the owner says about them.
import { z } from "zod";
import { appendAudit } from "../../stores/audit-log.ts";
import {
  listStaff,
  listStores,
  listTerminals,
  upsertStaff,
  upsertStore,
} from "../../stores/places.ts";
import { cliEntry, defineAct, Id, typedText } from "./act.ts";
import { Currency, Zone } from "./merchant-acts.ts";
import { parseOpeningHours } from "./opening-hours.ts";

const MERCHANT = { value: "ID", about: "the merchant" };
const Name = typedText(200);
const SenderId = typedText(128);
const degrees = (most: number) =>
  z.coerce.number("must be a number of degrees").min(-most).max(most).optional();

export const storeSet = defineAct({
  name: "store set",
  about: "Makes a shop or changes what is given: name, zone, currency, opening hours, place.",
  options: {
    merchant: MERCHANT,
    store: { value: "ID", about: "the shop's id as its events name it" },
    name: { value: "NAME", about: "what people call it" },
    zone: { value: "ZONE", about: "tz database name" },
    currency: { value: "CODE", about: "ISO 4217" },
    hours: {
      value: "HOURS",
      about: '"mon-fri 08:00-20:00, sat 09:00-18:00"; days not named are closed',
    },
    lat: { value: "DEGREES", about: "latitude, with --lon" },
    lon: { value: "DEGREES", about: "longitude, with --lat" },
  },
  input: z
    .strictObject({
      merchant: Id,
      store: SenderId,
      name: Name.optional(),
      zone: Zone.optional(),
      currency: Currency.optional(),
      hours: z.string().max(500).transform(parseOpeningHours).optional(),
      lat: degrees(90),
      lon: degrees(180),
    })
    .refine(({ lat, lon }) => (lat === undefined) === (lon === undefined), {
      path: ["lat"],
      message: "give --lat and --lon together",
    }),
  async run({ db, now, onChanged }, { merchant, store, hours, ...rest }) {
    const at = now();
    const saved = await db.transaction().execute(async (trx) => {
      const change = { ...rest, opening_hours: hours };
      const row = await upsertStore(trx, merchant, { id: store, ...change });
      await appendAudit(trx, {
        ...cliEntry("store.set", `store:${store}`, at),
        merchant_id: merchant,
        details: { change: JSON.stringify(change) },
      });
      return row;
    });
    onChanged();
    const { id, ...shown } = saved;
    return { store_id: id, ...shown };
  },
});

export const storeList = defineAct({
  name: "store list",
  about: "Lists a merchant's shops and tills, also those only seen in events.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  async run({ db }, { merchant }) {
    const stores = await listStores(db, merchant);
    const terminals = await listTerminals(db, merchant);
    return {
      stores: stores.map(({ id, ...rest }) => ({ store_id: id, ...rest })),
      terminals: terminals.map(({ id, ...rest }) => ({ terminal_id: id, ...rest })),
    };
  },
});

export const staffSet = defineAct({
  name: "staff set",
  about: "Makes a person at the till or changes what is given.",
  options: {
    merchant: MERCHANT,
    cashier: { value: "ID", about: "the person's id as events name it" },
    name: { value: "NAME", about: "what people call them" },
    role: { value: "ROLE", about: "cashier, supervisor, manager, …" },
    active: { value: "true|false", about: "false: has left" },
  },
  input: z.strictObject({
    merchant: Id,
    cashier: SenderId,
    name: Name.optional(),
    role: typedText(64).optional(),
    active: z.stringbool("must be true or false").optional(),
  }),
  async run({ db, now, onChanged }, { merchant, cashier, ...change }) {
    const at = now();
    const saved = await db.transaction().execute(async (trx) => {
      const row = await upsertStaff(trx, merchant, { cashier_id: cashier, ...change });
      await appendAudit(trx, {
        ...cliEntry("staff.set", `cashier:${cashier}`, at),
        merchant_id: merchant,
        details: { change: JSON.stringify(change) },
      });
      return row;
    });
    onChanged();
    return saved;
  },
});

export const staffList = defineAct({
  name: "staff list",
  about: "Lists a merchant's staff, also those only seen in events.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  run: async ({ db }, { merchant }) => ({ staff: await listStaff(db, merchant) }),
});
