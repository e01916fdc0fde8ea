// Acts on what labels say of a merchant's rules.
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { parseIsoTime } from "../../core/time.ts";
import { readPrecision } from "../../detectors/precision/read-precision.ts";
import { findMerchant } from "../../stores/merchants.ts";
import { type ActResult, defineAct, Id } from "./act.ts";

const MERCHANT = { value: "ID", about: "the merchant" };
const Time = z
  .string()
  .transform((text) => (/^\d{1,15}$/.test(text) ? Number(text) : parseIsoTime(text)))
  .refine((ms) => ms !== undefined, "is UTC milliseconds or ISO 8601 with a zone");

export const rulePrecisionShow = defineAct({
  name: "rule precision",
  about: "How often each rule was right, as far as labels say: by week, version and level.",
  options: {
    merchant: MERCHANT,
    from: { value: "TIME", about: "alerts from then on; without it, 90 days back" },
    to: { value: "TIME", about: "alerts up to then; without it, now" },
  },
  input: z.strictObject({ merchant: Id, from: Time.optional(), to: Time.optional() }),
  async run(deps, { merchant, from, to }): Promise<ActResult> {
    if ((await findMerchant(deps.db, merchant)) === undefined) {
      throw new AppError("NOT_FOUND", `There is no merchant ${merchant}.`);
    }
    return await readPrecision(deps, merchant, { from, to });
  },
});

export const ruleSuggest = defineAct({
  name: "rule suggest",
  about:
    "Tries a rule's knobs on labelled history in a running service, as a backtest. Nothing is set; `backtest show` has the report.",
  options: {
    merchant: MERCHANT,
    rule: { value: "NAME", about: "the rule, as `rules -- list` names it" },
    from: { value: "TIME", about: "history from then on; without it, 180 days back" },
    to: { value: "TIME", about: "history up to then; without it, now" },
  },
  input: z.strictObject({
    merchant: Id,
    rule: z.string().max(128),
    from: Time.optional(),
    to: Time.optional(),
  }),
  async run({ backtests, now }, { merchant, rule, ...span }): Promise<ActResult> {
    if (backtests === undefined) throw new AppError("CONFLICT", "No service runs here.");
    const to = span.to ?? now();
    const from = span.from ?? to - 180 * 86_400_000;
    return { ...(await backtests.start(merchant, { from, to, suggest: rule }, "cli")) };
  },
});
