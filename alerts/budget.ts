// The noise budget as the API shows it: how much there is, what is used, what was held back and why.
import { z } from "zod";
import { LEVELS } from "../core/level.ts";
import { WEEK_MS } from "../core/noise.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { countTold, listHeldAlerts, listHeldMails, readNoiseSetting } from "../stores/noise.ts";
import { listStores } from "../stores/places.ts";

export const BudgetShape = z
  .object({
    alerts_a_week: z.int().describe("told at once per store within seven days"),
    mails_an_hour: z.int().describe("to one person"),
    stores: z.array(
      z.object({
        store_id: z.string().nullable().describe("null: alerts of no single store"),
        used: z.int().describe("told within seven days, of all levels"),
        left: z.int(),
      }),
    ),
    held_alerts: z
      .array(
        z.object({
          alert_id: z.string(),
          title: z.string(),
          level: z.enum(LEVELS),
          store_id: z.string().nullable(),
          held_at: z.int().nullable(),
          why: z.string().nullable(),
        }),
      )
      .describe("wait for a digest, of the last seven days; newest first, at most 200"),
    held_mails: z
      .array(
        z.object({
          mail_id: z.string(),
          alert_id: z.string().nullable(),
          recipient: z.string(),
          held_at: z.int(),
          why: z.string().nullable(),
        }),
      )
      .describe("over somebody's hour; one mail will tell of all of them"),
  })
  .describe("The noise budget");
type Budget = z.infer<typeof BudgetShape>;

export async function readBudget(db: Postgres, merchantId: string, now: number): Promise<Budget> {
  const setting = await readNoiseSetting(db, merchantId);
  const told = await countTold(db, merchantId, now);
  const stores = (await listStores(db, merchantId)).map(({ id }) => id);
  const names = new Set([...stores, ...told.keys()]);
  const held = await listHeldAlerts(db, merchantId, { from: now - WEEK_MS, before: now + 1 });
  const mails = await listHeldMails(db, merchantId);
  return {
    ...setting,
    stores: [...names].map((store) => {
      const used = told.get(store) ?? 0;
      const left = Math.max(0, setting.alerts_a_week - used);
      return { store_id: store === "" ? null : store, used, left };
    }),
    held_alerts: held.map(({ id, title, level, store_id, held_at, held_why }) => {
      return { alert_id: id, title, level, store_id, held_at, why: held_why };
    }),
    held_mails: mails.map(({ id, alert_id, recipient, created_at, response }) => {
      return { mail_id: id, alert_id, recipient, held_at: created_at, why: response };
    }),
  };
}
