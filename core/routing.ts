// Who is told of which alerts, as data: a merchant's rules, and the list of whom to tell next while nobody acknowledges.
import { z } from "zod";
import { LEVELS } from "./level.ts";

const Minute = z.int().min(0).max(1439);

export const RoutingRule = z.strictObject({
  /** Null: every store, and alerts that belong to none. */
  stores: z.array(z.string()).max(200).nullable(),
  at_least: z.enum(LEVELS),
  /**
   * Minutes after midnight on the store's clock, `to` not included; `to` before `from` goes on past midnight. Null: always.
   * outside: hold = messages wait until the hours begin, mail goes at once; skip = the rule does not apply.
   */
  hours: z.strictObject({ from: Minute, to: Minute, outside: z.enum(["hold", "skip"]) }).nullable(),
  /** Critical alerts do not heed the hours. */
  critical_any_hour: z.boolean(),
  /** The merchant's own addresses for alerts. */
  owners: z.boolean(),
  emails: z.array(z.string()).max(20),
  /** Ids of channels. */
  channels: z.array(z.string()).max(20),
});
export type RoutingRule = z.infer<typeof RoutingRule>;

export const OnCallStep = z.union([
  z.strictObject({ email: z.string() }),
  z.strictObject({ channel: z.string() }),
]);
export type OnCallStep = z.infer<typeof OnCallStep>;

export const OnCall = z.strictObject({
  at_least: z.enum(["high", "critical"]),
  /** How long each has to acknowledge before the next is told. */
  minutes: z.int().min(1).max(1440),
  steps: z.array(OnCallStep).min(1).max(20),
});
export type OnCall = z.infer<typeof OnCall>;
