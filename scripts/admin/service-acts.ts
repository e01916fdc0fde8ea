// Acts on the service itself: a sign-in link, the audit log.
import { z } from "zod";
import { makeLink } from "../../accounts/sign-in-link.ts";
import { listAudit, listAuditChains, verifyAuditChain } from "../../stores/audit-log.ts";
import { defineAct, Id } from "./act.ts";

export const link = defineAct({
  name: "link",
  about: "Makes a sign-in link that works once, within an hour.",
  options: {},
  input: z.strictObject({}),
  async run({ db, publicUrl, now }) {
    const { url, expiresAt } = await makeLink(db, { publicUrl, actor: "cli" }, now());
    return { url, expires_at: new Date(expiresAt).toISOString() };
  },
});

const CHAIN = { value: "ID", about: "a merchant's id, or service" };

export const auditVerify = defineAct({
  name: "audit verify",
  about: "Checks the audit log's hash chains; exits with 1 where one is broken.",
  options: { chain: { ...CHAIN, about: `${CHAIN.about}; default all` } },
  input: z.strictObject({ chain: Id.optional() }),
  async run({ db }, { chain }) {
    const chains = [];
    for (const name of chain === undefined ? await listAuditChains(db) : [chain]) {
      chains.push(await verifyAuditChain(db, name));
    }
    return { ok: chains.every(({ ok }) => ok), chains };
  },
});

export const auditList = defineAct({
  name: "audit list",
  about: "Shows the newest acts of one chain, newest first.",
  options: {
    chain: { ...CHAIN, about: `${CHAIN.about} (default)` },
    before: { value: "SEQ", about: "only acts before that number" },
  },
  input: z.strictObject({
    chain: Id.default("service"),
    before: z.coerce.number().int().positive().optional(),
  }),
  run: async ({ db }, { chain, before }) => ({
    entries: await listAudit(db, chain, before === undefined ? {} : { beforeSeq: before }),
  }),
});
