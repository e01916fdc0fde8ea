// Acts on stored rows in a running service: how long they live, and what is removed on a person's request.
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import { findMerchant } from "../../stores/merchants.ts";
import {
  erasePerson,
  listErasures,
  PERSON_FIELDS,
  setRetention,
} from "../../stores/remove-rows.ts";
import { type ActDeps, type ActResult, cliEntry, defineAct, Id, typedText } from "./act.ts";

const MERCHANT = { value: "ID", about: "the merchant" };

async function known({ db }: ActDeps, merchant: string): Promise<void> {
  if ((await findMerchant(db, merchant)) === undefined) {
    throw new AppError("NOT_FOUND", `There is no merchant ${merchant}.`);
  }
}

export const merchantRetention = defineAct({
  name: "merchant retention",
  about: "Sets how many days the merchant's events, deliveries and findings' copies live.",
  options: {
    merchant: MERCHANT,
    days: { value: "N", about: "1 to 400; 400 is what the tables keep" },
  },
  input: z.strictObject({ merchant: Id, days: z.coerce.number().int().min(1).max(400) }),
  async run(deps, { merchant, days }): Promise<ActResult> {
    await known(deps, merchant);
    const at = deps.now();
    await deps.db.transaction().execute(async (trx) => {
      await setRetention(trx, merchant, { days, nowMs: at });
      await appendAudit(trx, {
        ...cliEntry("merchant.retention", `merchant:${merchant}`, at),
        ...{ merchant_id: merchant, details: { days } },
      });
    });
    return { merchant_id: merchant, days, applied: "within the hour, then daily" };
  },
});

export const personErase = defineAct({
  name: "person erase",
  about:
    "Removes a person's rows for good, in a running service, and keeps a record without the value.",
  options: {
    merchant: MERCHANT,
    field: { value: "FIELD", about: `one of ${PERSON_FIELDS.join(", ")}` },
    value: { value: "TEXT", about: "as it is stored; - reads it", secret: true },
    reason: { value: "TEXT", about: "who asked, and why" },
  },
  input: z.strictObject({
    merchant: Id,
    field: z.enum(PERSON_FIELDS),
    value: z.string().min(1).max(500),
    reason: typedText(500),
  }),
  async run(deps, { merchant, field, value, reason }): Promise<ActResult> {
    await known(deps, merchant);
    if (deps.rows === undefined) {
      throw new AppError("CONFLICT", "Start the service first: it holds the events.");
    }
    await deps.rows.flush();
    const asked = { field, value, reason, actor: "cli", hashKey: deps.secrets.FINGERPRINT_KEY };
    const done = await erasePerson({ ...deps, ch: deps.rows.ch }, merchant, asked);
    return { merchant_id: merchant, field, ...done };
  },
});

export const personErasures = defineAct({
  name: "person erasures",
  about: "Lists what was removed on request; the values themselves are kept nowhere.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  async run(deps, { merchant }): Promise<ActResult> {
    await known(deps, merchant);
    return { erasures: await listErasures(deps.db, merchant) };
  },
});
