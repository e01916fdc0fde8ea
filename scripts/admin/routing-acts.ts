// Acts on routing: who is told of which alerts, and whom next while nobody acknowledges.
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { LEVELS } from "../../core/level.ts";
import { OnCall, type OnCallStep, type RoutingRule } from "../../core/routing.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import { listChannels } from "../../stores/channels.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { findMerchant } from "../../stores/merchants.ts";
import { listStores } from "../../stores/places.ts";
import {
  addRoutingRule,
  listRoutingRules,
  readOnCall,
  removeRoutingRule,
  setOnCall,
} from "../../stores/routing.ts";
import { cliEntry, defineAct, Id } from "./act.ts";

const MERCHANT = { value: "ID", about: "the merchant" };
const MOST_RULES = 100;
const Level = z.enum(LEVELS, `must be one of ${LEVELS.join(", ")}`);
const Switch = (words: [string, string]) => z.enum(words, `must be ${words.join(" or ")}`);

/** `08:00-20:00`, in minutes after midnight. */
const Hours = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, "must be like 08:00-20:00")
  .transform((text) => {
    const [from = 0, to = 0] = text
      .split("-")
      .map((part) => Number(part.slice(0, 2)) * 60 + Number(part.slice(3)));
    return { from, to };
  });

export const routeAdd = defineAct({
  name: "route add",
  about: "Adds a rule: which alerts go to whom. With a first rule, only rules decide.",
  options: {
    merchant: MERCHANT,
    channel: { value: "ID", about: "told; may be repeated", many: true },
    email: { value: "ADDRESS", about: "told; may be repeated", many: true },
    owners: { value: "yes|no", about: "whether the merchant's own addresses are told; default no" },
    store: { value: "ID", about: "only alerts of this store; may be repeated", many: true },
    "at-least": { value: "LEVEL", about: "only alerts this serious or more; default low" },
    hours: { value: "08:00-20:00", about: "on the store's clock; may go past midnight" },
    outside: { value: "hold|skip", about: "outside the hours: tell later (default) or not at all" },
    critical: { value: "any|hours", about: "critical alerts at any hour (default) or in hours" },
  },
  input: z
    .strictObject({
      merchant: Id,
      channel: z.array(Id).max(20).default([]),
      email: z.array(z.email().max(254)).max(20).default([]),
      owners: Switch(["yes", "no"]).default("no"),
      store: z.array(z.string().min(1).max(200)).max(200).optional(),
      "at-least": Level.default("low"),
      hours: Hours.optional(),
      outside: Switch(["hold", "skip"]).default("hold"),
      critical: Switch(["any", "hours"]).default("any"),
    })
    .refine((it) => it.channel.length + it.email.length > 0 || it.owners === "yes", {
      path: ["channel"],
      message: "or --email or --owners yes is needed: a rule tells somebody",
    }),
  async run({ db, now }, input) {
    const at = now();
    const rule: RoutingRule = {
      stores: input.store ?? null,
      at_least: input["at-least"],
      hours:
        input.hours === undefined
          ? null
          : { ...input.hours, outside: input.outside === "skip" ? "skip" : "hold" },
      critical_any_hour: input.critical === "any",
      owners: input.owners === "yes",
      emails: input.email,
      channels: input.channel,
    };
    return await db.transaction().execute(async (trx) => {
      await refuseStrangers(trx, input.merchant, rule);
      const { id } = await addRoutingRule(trx, input.merchant, rule, at);
      await appendAudit(trx, {
        ...cliEntry("route.add", `route:${id}`, at),
        merchant_id: input.merchant,
        details: { rule: JSON.stringify(rule) },
      });
      return { route_id: id, ...rule };
    });
  },
});

/** Everything that a rule names is this merchant's. Throws NOT_FOUND, CONFLICT. */
async function refuseStrangers(trx: Postgres, merchant: string, rule: RoutingRule): Promise<void> {
  if ((await findMerchant(trx, merchant)) === undefined) {
    throw new AppError("NOT_FOUND", "There is no such merchant.");
  }
  await refuseUnknownChannels(trx, merchant, rule.channels);
  const stores = new Set((await listStores(trx, merchant)).map(({ id }) => id));
  if (rule.stores?.some((id) => !stores.has(id))) {
    throw new AppError("NOT_FOUND", "This merchant has no such store.");
  }
  if ((await listRoutingRules(trx, merchant)).length >= MOST_RULES) {
    throw new AppError("CONFLICT", `A merchant has at most ${MOST_RULES} rules.`);
  }
}

/** Throws NOT_FOUND. */
async function refuseUnknownChannels(
  trx: Postgres,
  merchant: string,
  ids: readonly string[],
): Promise<void> {
  const known = new Set((await listChannels(trx, merchant)).map(({ id }) => id));
  if (ids.some((id) => !known.has(id))) {
    throw new AppError("NOT_FOUND", "This merchant has no such channel.");
  }
}

export const routeList = defineAct({
  name: "route list",
  about: "Lists a merchant's rules. None: alerts go by mail to its addresses.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  async run({ db }, { merchant }) {
    const rules = await listRoutingRules(db, merchant);
    return { routes: rules.map(({ id, rule }) => ({ route_id: id, ...rule })) };
  },
});

export const routeRemove = defineAct({
  name: "route remove",
  about: "Removes a rule. Without any, alerts go by mail to the merchant's addresses.",
  options: { merchant: MERCHANT, route: { value: "ID", about: "the rule: rt_…" } },
  input: z.strictObject({ merchant: Id, route: Id }),
  async run({ db, now }, { merchant, route }) {
    const at = now();
    await db.transaction().execute(async (trx) => {
      await removeRoutingRule(trx, merchant, route);
      await appendAudit(trx, {
        ...cliEntry("route.remove", `route:${route}`, at),
        merchant_id: merchant,
        details: {},
      });
    });
    return { route_id: route, removed: true };
  },
});

export const onCallSet = defineAct({
  name: "oncall set",
  about:
    "Sets whom to tell, in order, while nobody acknowledges. Without a step the list is taken away.",
  options: {
    merchant: MERCHANT,
    step: { value: "WHO", about: "a channel's id or an address; may be repeated", many: true },
    minutes: { value: "N", about: "how long each has to acknowledge; default 15" },
    "at-least": { value: "LEVEL", about: "critical (default) or high" },
  },
  input: z.strictObject({
    merchant: Id,
    step: z
      .array(z.union([z.email().max(254), Id], "must be a channel's id or an address"))
      .max(20)
      .default([]),
    minutes: z.coerce.number().int().min(1).max(1440).default(15),
    "at-least": Switch(["critical", "high"]).default("critical"),
  }),
  async run({ db, now }, { merchant, step, minutes, ...input }) {
    const at = now();
    const steps = step.map(
      (who): OnCallStep => (who.includes("@") ? { email: who } : { channel: who }),
    );
    const list =
      steps.length === 0 ? null : OnCall.parse({ at_least: input["at-least"], minutes, steps });
    await db.transaction().execute(async (trx) => {
      if ((await findMerchant(trx, merchant)) === undefined) {
        throw new AppError("NOT_FOUND", "There is no such merchant.");
      }
      const channels = steps.flatMap((each) => ("channel" in each ? [each.channel] : []));
      await refuseUnknownChannels(trx, merchant, channels);
      await setOnCall(trx, merchant, list, at);
      await appendAudit(trx, {
        ...cliEntry("on_call.set", `merchant:${merchant}`, at),
        merchant_id: merchant,
        details: { list: JSON.stringify(list) },
      });
    });
    return { merchant_id: merchant, on_call: list };
  },
});

export const onCallShow = defineAct({
  name: "oncall show",
  about: "Shows whom alerts go to while nobody acknowledges.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  run: async ({ db }, { merchant }) => ({ on_call: await readOnCall(db, merchant) }),
});
