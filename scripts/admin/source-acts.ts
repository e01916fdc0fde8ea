// Acts on sources: add, list, confirm, a new secret, remove.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { SOURCE_KINDS, type SourceConnection } from "../../core/merchant.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import {
  addSource,
  confirmAccount,
  listSources,
  removeSource,
  replaceSecret,
  SECRET_OVERLAP_MS,
} from "../../stores/sources.ts";
import { cliEntry, defineAct, Id, typedText } from "./act.ts";

const Secret = z
  .string()
  .trim()
  .min(8, "is too short to be a signing secret")
  .max(500, "at most 500 characters")
  .regex(/^[\x21-\x7e]+$/, "must be printable, without spaces");
const Account = typedText(200);
const MERCHANT = { value: "ID", about: "the merchant" };
const SOURCE = { value: "ID", about: "the source: src_…" };
const KEY_BYTES = { least: 16, most: 256 };

/** Standard Webhooks: `whsec_` and base64. */
function isWebhookSecret(secret: string): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)) return false;
  const bytes = Buffer.from(secret.slice("whsec_".length), "base64").length;
  return bytes >= KEY_BYTES.least && bytes <= KEY_BYTES.most;
}

/** Kinds whose deliveries are signed with what we make, or not at all, or with what is only known later. */
const MAKES_SECRET: ReadonlySet<SourceConnection["kind"]> = new Set(["api", "clover", "sumup"]);

const WEBHOOK_SECRET = `must be whsec_ and base64 of ${KEY_BYTES.least} bytes or more; leave it out and one is made`;

function madeSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/** The path of the provider's door. */
function sourcePath(source: Pick<SourceConnection, "kind" | "id">): string {
  return `/in/${source.kind}/${source.id}`;
}

function shown({ id, ...rest }: SourceConnection) {
  return { source_id: id, path: sourcePath({ id, kind: rest.kind }), ...rest };
}

export const sourceAdd = defineAct({
  name: "source add",
  about: "Connects a provider. Register the printed address there.",
  options: {
    merchant: MERCHANT,
    kind: { value: "KIND", about: SOURCE_KINDS.join(", ") },
    secret: {
      value: "SECRET",
      about:
        "the provider's signing secret, - reads standard input; for api, clover and sumup it may be left out",
      secret: true,
    },
    account: {
      value: "NAME",
      about: "the provider's name for the merchant; else its first delivery proposes one",
    },
    mode: { value: "MODE", about: "which deliveries are taken: any (default), live, test" },
    url: {
      value: "URL",
      about: "the public address as registered; default TILLWATCH_PUBLIC_URL and the path",
    },
  },
  input: z
    .strictObject({
      merchant: Id,
      kind: z.enum(SOURCE_KINDS, `must be one of ${SOURCE_KINDS.join(", ")}`),
      secret: Secret.optional(),
      account: Account.optional(),
      mode: z.enum(["any", "live", "test"], "must be any, live or test").default("any"),
      url: z
        .url({ protocol: /^https?$/, error: "must be a full address" })
        .max(1000)
        .optional(),
    })
    .refine(({ kind, secret }) => MAKES_SECRET.has(kind) || secret !== undefined, {
      path: ["secret"],
      message: "is needed: the provider shows it where the address is registered",
    })
    .refine(
      ({ kind, secret }) => kind !== "api" || secret === undefined || isWebhookSecret(secret),
      {
        path: ["secret"],
        message: WEBHOOK_SECRET,
      },
    ),
  async run({ db, secrets, publicUrl, now, onChanged }, input) {
    const at = now();
    const made = input.secret === undefined ? madeSecret() : undefined;
    const source = await db.transaction().execute(async (trx) => {
      const added = await addSource(
        trx,
        {
          merchant_id: input.merchant,
          kind: input.kind,
          secret: input.secret ?? made ?? "",
          account: input.account ?? null,
          mode: input.mode,
          url: input.url ?? `${publicUrl}/in/${input.kind}/{id}`,
        },
        secrets.SEAL_KEY,
        at,
      );
      await appendAudit(trx, {
        ...cliEntry("source.add", `source:${added.id}`, at),
        merchant_id: input.merchant,
        details: { kind: added.kind, mode: added.mode, account: added.account, url: added.url },
      });
      return added;
    });
    onChanged();
    return made === undefined || input.kind !== "api"
      ? shown(source)
      : { ...shown(source), secret: made };
  },
});

export const sourceList = defineAct({
  name: "source list",
  about: "Lists a merchant's sources, without their secrets.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  run: async ({ db }, { merchant }) => ({ sources: (await listSources(db, merchant)).map(shown) }),
});

export const sourceConfirm = defineAct({
  name: "source confirm",
  about: "Says that the account which the first delivery named is this merchant's.",
  options: {
    merchant: MERCHANT,
    source: SOURCE,
    account: { value: "NAME", about: "instead of the one that was proposed" },
  },
  input: z.strictObject({ merchant: Id, source: Id, account: Account.optional() }),
  async run({ db, now, onChanged }, { merchant, source, account }) {
    const at = now();
    const confirmed = await db.transaction().execute(async (trx) => {
      const connection = await confirmAccount(trx, merchant, source, account);
      await appendAudit(trx, {
        ...cliEntry("source.confirm", `source:${source}`, at),
        merchant_id: merchant,
        details: { account: connection.account },
      });
      return connection;
    });
    onChanged();
    return shown(confirmed);
  },
});

export const sourceSecret = defineAct({
  name: "source secret",
  about: "Puts a new secret in front; the old one is accepted for a day more.",
  options: {
    merchant: MERCHANT,
    source: SOURCE,
    secret: { value: "SECRET", about: "the new secret, - reads standard input", secret: true },
  },
  input: z.strictObject({ merchant: Id, source: Id, secret: Secret }),
  async run({ db, secrets, now, onChanged }, { merchant, source, secret }) {
    const at = now();
    await db.transaction().execute(async (trx) => {
      const of = { merchantId: merchant, sourceId: source, secret };
      const kind = (await listSources(trx, merchant)).find(({ id }) => id === source)?.kind;
      if (kind === "api" && !isWebhookSecret(secret)) {
        throw new z.ZodError([
          { code: "custom", path: ["secret"], message: WEBHOOK_SECRET, input: undefined },
        ]);
      }
      await replaceSecret(trx, of, secrets.SEAL_KEY, at);
      await appendAudit(trx, {
        ...cliEntry("source.secret", `source:${source}`, at),
        merchant_id: merchant,
        details: { previous_until: at + SECRET_OVERLAP_MS },
      });
    });
    onChanged();
    const previousUntil = new Date(at + SECRET_OVERLAP_MS).toISOString();
    return { source_id: source, previous_secret_until: previousUntil };
  },
});

export const sourceRemove = defineAct({
  name: "source remove",
  about: "Ends a connection; its address answers 404 from then on.",
  options: { merchant: MERCHANT, source: SOURCE },
  input: z.strictObject({ merchant: Id, source: Id }),
  async run({ db, now, onChanged }, { merchant, source }) {
    const at = now();
    await db.transaction().execute(async (trx) => {
      await removeSource(trx, merchant, source);
      await appendAudit(trx, {
        ...cliEntry("source.remove", `source:${source}`, at),
        merchant_id: merchant,
        details: {},
      });
    });
    onChanged();
    return { source_id: source, removed: true };
  },
});
