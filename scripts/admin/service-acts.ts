// Acts on the service itself: a sign-in link, the audit log.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { makeLink } from "../../accounts/sign-in-link.ts";
import { SERVICE_CHAIN } from "../../core/audit-chain.ts";
import { auditSigner } from "../../core/audit-signature.ts";
import { AppError } from "../../core/errors.ts";
import { anchorFault, listAnchors } from "../../stores/audit-anchors.ts";
import { exportAudit } from "../../stores/audit-export.ts";
import { listAudit, listAuditChains } from "../../stores/audit-log.ts";
import { verifySignedChain } from "../../stores/audit-signatures.ts";
import { cliEntry, defineAct, Id } from "./act.ts";

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
  about:
    "Checks the audit log's chains, heads and (in a running service) anchors; exits with 1 where one is broken.",
  options: { chain: { ...CHAIN, about: `${CHAIN.about}; default all` } },
  input: z.strictObject({ chain: Id.optional() }),
  async run({ db, rows }, { chain }) {
    const chains = [];
    for (const name of chain === undefined ? await listAuditChains(db) : [chain]) {
      const verdict = await verifySignedChain(db, name);
      const fault = verdict.ok && rows ? await anchorFault(db, rows.ch, name) : undefined;
      chains.push(fault ?? verdict);
    }
    return { ok: chains.every(({ ok }) => ok), anchors: rows !== undefined, chains };
  },
});

export const auditAnchors = defineAct({
  name: "audit anchors",
  about: "Lists a chain's nightly anchors, newest first, in a running service.",
  options: { chain: { ...CHAIN, about: `${CHAIN.about} (default)` } },
  input: z.strictObject({ chain: Id.default("service") }),
  async run({ rows }, { chain }) {
    if (rows === undefined) {
      throw new AppError("CONFLICT", "Start the service first: it holds the anchors.");
    }
    const anchors = await listAnchors(rows.ch, chain, 400);
    return {
      anchors: anchors.map(({ ts, ...rest }) => ({ at: new Date(ts).toISOString(), ...rest })),
    };
  },
});

export const auditKey = defineAct({
  name: "audit key",
  about: "Prints the audit log's public key; keep it elsewhere, to check exports against it.",
  options: {},
  input: z.strictObject({}),
  run: async ({ secrets }) => ({ public_key: auditSigner(secrets.AUDIT_KEY).publicKey }),
});

export const auditExport = defineAct({
  name: "audit export",
  about: "Writes the audit log into a file that `npm run --silent audit -- verify FILE` checks.",
  options: { chain: { ...CHAIN, about: `${CHAIN.about}; default all` } },
  input: z.strictObject({ chain: Id.optional() }),
  async run({ db, secrets, dataDir, now }, { chain }) {
    const known = await listAuditChains(db);
    if (chain !== undefined && !known.includes(chain)) {
      throw new AppError("NOT_FOUND", `There is no chain ${chain}.`);
    }
    const at = now();
    const signer = auditSigner(secrets.AUDIT_KEY);
    const entry = cliEntry("audit.export", `audit:${chain ?? "all"}`, at);
    // The export is an act of the service, so its chain is there even if it was empty before.
    const chains = chain === undefined ? [...new Set([...known, SERVICE_CHAIN])] : [chain];
    const lines = await exportAudit(db, signer, chains, {
      ...entry,
      ...{ merchant_id: null, details: { chains: chains.length } },
    });
    const folder = join(dataDir, "exports");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = resolve(
      folder,
      `audit-${new Date(at).toISOString().replaceAll(/[:.]/g, "")}.ndjson`,
    );
    await pipeline(lines, createWriteStream(file, { mode: 0o600, flags: "wx" }));
    return { file, chains: chains.length, public_key: signer.publicKey };
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
