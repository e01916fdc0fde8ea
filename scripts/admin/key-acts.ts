// Acts on API keys: create, list, revoke.
import { z } from "zod";
import { DEFAULT_KEY_DAYS, DEFAULT_SCOPES, makeApiKey, SCOPES } from "../../accounts/api-key.ts";
import { addApiKey, listApiKeys, revokeApiKey } from "../../stores/api-keys.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { cliEntry, defineAct, Id } from "./act.ts";

const DAY_MS = 86_400_000;

export type NewKey = {
  api_key_id: string;
  api_key: string;
  api_key_scopes: readonly string[];
  api_key_expires_at: string | null;
};

/** Makes and audits a key. `days` 0 = does not expire. */
export async function addKey(
  trx: Postgres,
  merchantId: string,
  { scopes, days }: { scopes: readonly string[]; days: number },
  at: number,
): Promise<NewKey> {
  const { keyId, text, hash } = makeApiKey(at);
  const expiresAt = days === 0 ? null : at + days * DAY_MS;
  const row = { id: keyId, hash, scopes: [...scopes], expires_at: expiresAt };
  await addApiKey(trx, merchantId, row, at);
  await appendAudit(trx, {
    ...cliEntry("api_key.create", `api_key:${keyId}`, at),
    merchant_id: merchantId,
    details: { scopes: scopes.join(" "), expires_at: expiresAt },
  });
  return {
    api_key_id: keyId,
    api_key: text,
    api_key_scopes: scopes,
    api_key_expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  };
}

export const keyCreate = defineAct({
  name: "key create",
  about: "Makes an API key, which is shown once.",
  options: {
    merchant: { value: "ID", about: "the merchant that the key reaches" },
    scope: { value: "SCOPE", about: `may be repeated; one of ${SCOPES.join(", ")}`, many: true },
    days: { value: "N", about: `valid that long; 0 = for ever; default ${DEFAULT_KEY_DAYS}` },
  },
  input: z.strictObject({
    merchant: Id,
    scope: z
      .array(z.enum(SCOPES, `must be one of ${SCOPES.join(", ")}`))
      .min(1)
      .default([...DEFAULT_SCOPES]),
    days: z.coerce.number().int().min(0).max(3650).default(DEFAULT_KEY_DAYS),
  }),
  async run({ db, now }, { merchant, scope, days }) {
    const key = await db
      .transaction()
      .execute((trx) => addKey(trx, merchant, { scopes: [...new Set(scope)], days }, now()));
    return { merchant_id: merchant, ...key };
  },
});

export const keyList = defineAct({
  name: "key list",
  about: "Lists a merchant's API keys, without the keys themselves.",
  options: { merchant: { value: "ID", about: "the merchant" } },
  input: z.strictObject({ merchant: Id }),
  async run({ db }, { merchant }) {
    const keys = await listApiKeys(db, merchant);
    return { keys: keys.map(({ id, ...rest }) => ({ api_key_id: id, ...rest })) };
  },
});

export const keyRevoke = defineAct({
  name: "key revoke",
  about: "Ends an API key at once.",
  options: {
    merchant: { value: "ID", about: "the merchant" },
    key: { value: "ID", about: "the key's id (its middle part), or the whole key" },
  },
  input: z.strictObject({
    merchant: Id,
    key: z.string().regex(/^(tw_)?[0-9A-Z]{26}(_[A-Za-z0-9_-]{43})?$/, "is not a key's id"),
  }),
  async run({ db, now, onChanged }, { merchant, key }) {
    const at = now();
    const keyId = key.replace(/^tw_/, "").slice(0, 26);
    await db.transaction().execute(async (trx) => {
      await revokeApiKey(trx, merchant, keyId, at);
      await appendAudit(trx, {
        ...cliEntry("api_key.revoke", `api_key:${keyId}`, at),
        merchant_id: merchant,
        details: {},
      });
    });
    onChanged();
    return { merchant_id: merchant, api_key_id: keyId, revoked: true };
  },
});
