// A merchant's ways to be told besides mail, with their secrets sealed.
import type { ChannelKind, ChannelRow } from "../core/channel.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Postgres } from "./connect/postgres.ts";
import { seal, unseal } from "./connect/seal.ts";

/** `settings` hold the whole address and the secret; they are sealed and never shown again. */
export type NewChannel = {
  merchant_id: string;
  kind: ChannelKind;
  name: string;
  address: string;
  host: string;
  settings: unknown;
};

const SHOWN = [
  "id",
  "merchant_id",
  "kind",
  "name",
  "address",
  "host",
  "is_on",
  "created_at",
  "failures",
  "paused_until",
] as const;

/** Throws NOT_FOUND without merchant. */
export async function addChannel(
  db: Postgres,
  channel: NewChannel,
  sealKey: string,
  nowMs: number,
): Promise<ChannelRow> {
  const { settings, ...rest } = channel;
  const id = newId("chn", nowMs);
  const merchant = await db
    .selectFrom("merchant")
    .select("id")
    .where("id", "=", channel.merchant_id)
    .executeTakeFirst();
  if (merchant === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
  const sealed = seal(JSON.stringify(settings), sealKey, id);
  return await db
    .insertInto("channel")
    .values({ ...rest, id, sealed, is_on: true, created_at: nowMs })
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
}

export async function listChannels(db: Postgres, merchantId: string): Promise<ChannelRow[]> {
  return await db
    .selectFrom("channel")
    .select(SHOWN)
    .where("merchant_id", "=", merchantId)
    .orderBy("id")
    .execute();
}

/** A channel with its opened settings. Throws SECRET_MISSING when SEAL_KEY is another one. */
export async function openChannelRow(
  db: Postgres,
  merchantId: string,
  id: string,
  sealKey: string,
): Promise<{ row: ChannelRow; settings: unknown } | undefined> {
  const found = await db
    .selectFrom("channel")
    .select([...SHOWN, "sealed"])
    .where("merchant_id", "=", merchantId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const { sealed, ...row } = found;
  return { row, settings: JSON.parse(unseal(sealed, sealKey, id)) };
}

/** Throws NOT_FOUND. */
export async function switchChannel(
  db: Postgres,
  merchantId: string,
  id: string,
  isOn: boolean,
): Promise<void> {
  const done = await db
    .updateTable("channel")
    .set({ is_on: isOn, failures: 0, paused_until: 0 })
    .where("merchant_id", "=", merchantId)
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirst();
  if (done === undefined) throw noChannel();
}

/** Throws NOT_FOUND. */
export async function removeChannel(db: Postgres, merchantId: string, id: string): Promise<void> {
  const done = await db
    .deleteFrom("channel")
    .where("merchant_id", "=", merchantId)
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirst();
  if (done === undefined) throw noChannel();
}

export type Circuit = Pick<ChannelRow, "failures" | "paused_until">;

export async function saveCircuit(
  db: Postgres,
  merchantId: string,
  id: string,
  circuit: Circuit,
): Promise<void> {
  await db
    .updateTable("channel")
    .set(circuit)
    .where("merchant_id", "=", merchantId)
    .where("id", "=", id)
    .execute();
}

export function noChannel(): AppError {
  return new AppError("NOT_FOUND", "This merchant has no such channel.");
}
