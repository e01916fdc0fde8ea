// Acts on backtests in a running service: ask, watch, end. `rules -- backtest` uses them.
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { readBacktest } from "../../stores/backtests.ts";
import { findMerchant } from "../../stores/merchants.ts";
import { type ActDeps, type ActResult, defineAct, Id } from "./act.ts";

const MERCHANT = { value: "ID", about: "the merchant" };
const ID = { value: "ID", about: "the backtest" };

function running({ backtests }: ActDeps) {
  if (backtests !== undefined) return backtests;
  const words = "No service runs here. `npm run --silent rules -- backtest` needs none.";
  throw new AppError("CONFLICT", words);
}

const Change = z.strictObject({
  rules: z.array(z.string()).optional(),
  text: z.string().optional(),
  knobs: z.record(z.string(), z.record(z.string(), z.number())).optional(),
});

export const backtestStart = defineAct({
  name: "backtest start",
  about: "Asks a running service what rules would have said; see `rules -- backtest`.",
  options: {
    merchant: MERCHANT,
    from: { value: "MS", about: "first instant, UTC ms" },
    to: { value: "MS", about: "last instant, UTC ms" },
    change: { value: "JSON", about: "{rules, text, knobs}" },
  },
  input: z.strictObject({
    merchant: Id,
    from: z.coerce.number().int(),
    to: z.coerce.number().int(),
    change: z.string().default("{}"),
  }),
  async run(deps, { merchant, from, to, change }): Promise<ActResult> {
    const backtests = running(deps);
    if ((await findMerchant(deps.db, merchant)) === undefined) {
      throw new AppError("NOT_FOUND", `There is no merchant ${merchant}.`);
    }
    const asked = Change.safeParse(parse(change));
    if (!asked.success) throw new AppError("REQUEST_INVALID", "--change is {rules, text, knobs}.");
    return { ...(await backtests.start(merchant, { from, to, ...asked.data }, "cli")) };
  },
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("REQUEST_INVALID", "--change must be JSON.");
  }
}

export const backtestShow = defineAct({
  name: "backtest show",
  about: "A backtest's progress, and its report when done.",
  options: { merchant: MERCHANT, id: ID },
  input: z.strictObject({ merchant: Id, id: Id }),
  async run({ db }, { merchant, id }): Promise<ActResult> {
    const found = await readBacktest(db, merchant, id);
    if (found === undefined) throw new AppError("NOT_FOUND", `There is no backtest ${id}.`);
    return { ...found };
  },
});

export const backtestCancel = defineAct({
  name: "backtest cancel",
  about: "Ends a backtest that waits or runs.",
  options: { merchant: MERCHANT, id: ID },
  input: z.strictObject({ merchant: Id, id: Id }),
  run: async (deps, { merchant, id }): Promise<ActResult> => ({
    ...(await running(deps).cancel(merchant, id)),
  }),
});
