// A merchant's alerts and what is known of them, counted by rule: for the API and the command line.
import { AppError } from "../../core/errors.ts";
import { alertsWithLabels } from "../../stores/alert-labels.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { type RulePrecision, rulePrecision } from "./precision.ts";

const DAY_MS = 86_400_000;
const USUAL_MS = 90 * DAY_MS;
const MOST_MS = 400 * DAY_MS;

/** Times are UTC ms; without them the last 90 days. Throws REQUEST_INVALID for an empty span or one over 400 days. */
export async function readPrecision(
  { db, now }: { db: Postgres; now: () => number },
  merchantId: string,
  asked: { from?: number | undefined; to?: number | undefined },
): Promise<{ from: number; to: number; as_of: number; rules: RulePrecision[] }> {
  const asOf = now();
  const to = asked.to ?? asOf;
  const from = asked.from ?? to - USUAL_MS;
  if (from >= to) throw new AppError("REQUEST_INVALID", "from must be earlier than to.");
  if (to - from > MOST_MS) throw new AppError("REQUEST_INVALID", "At most 400 days at once.");
  const touched = await alertsWithLabels(db, merchantId, { fromTs: from, toTs: to });
  const alerts = touched.filter(({ first_ts }) => first_ts >= from);
  return { from, to, as_of: asOf, rules: rulePrecision(alerts, asOf) };
}
