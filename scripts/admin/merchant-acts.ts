// Acts on merchants: create, list, e-mail addresses.
import { z } from "zod";
import { DEFAULT_KEY_DAYS, DEFAULT_SCOPES } from "../../accounts/api-key.ts";
import { AppError } from "../../core/errors.ts";
import { isCurrency } from "../../core/money.ts";
import { USUAL_NOISE } from "../../core/noise.ts";
import { TONGUES } from "../../core/story-words.ts";
import { isTimeZone } from "../../core/time.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import {
  createMerchant,
  findMerchant,
  listMerchants,
  setMerchantEmails,
  setMerchantLanguage,
} from "../../stores/merchants.ts";
import { setNoise } from "../../stores/noise.ts";
import { cliEntry, defineAct, Id, typedText } from "./act.ts";
import { addKey } from "./key-acts.ts";

const Emails = z.array(z.email().max(254)).max(20, "at most 20 addresses");

export const Currency = z.string().refine(isCurrency, "must be an ISO 4217 code such as EUR");
export const Zone = z
  .string()
  .max(64)
  .refine(isTimeZone, "must be a tz database name such as Europe/London");

/** Others than {@link TONGUES} are known to Intl: their numbers are written so, the words in English. */
const Language = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "must be a language tag such as en or de-AT")
  .refine(isLanguageTag, "must be a language tag such as en or de-AT");

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

const LANGUAGE_HELP = `language of mails: ${TONGUES.join(" or ")}, or one of theirs such as de-AT; usual: en`;

export const merchantCreate = defineAct({
  name: "merchant create",
  about: "Makes a merchant and its first API key, which is shown once.",
  options: {
    name: { value: "NAME", about: "what the business is called" },
    email: { value: "ADDRESS", about: "receives alert mail; may be repeated", many: true },
    currency: { value: "CODE", about: "ISO 4217; default TILLWATCH_CURRENCY" },
    zone: { value: "ZONE", about: "tz database name; default TILLWATCH_TIME_ZONE" },
    language: { value: "TAG", about: LANGUAGE_HELP },
  },
  input: z.strictObject({
    name: typedText(200),
    email: Emails.default([]),
    currency: Currency.optional(),
    zone: Zone.optional(),
    language: Language.default("en"),
  }),
  async run({ db, now, defaults }, input) {
    const at = now();
    return db.transaction().execute(async (trx) => {
      const merchant = await createMerchant(
        trx,
        {
          name: input.name,
          emails: input.email,
          currency: input.currency ?? defaults.currency,
          zone: input.zone ?? defaults.zone,
          language: input.language,
          is_demo: false,
        },
        at,
      );
      await appendAudit(trx, {
        ...cliEntry("merchant.create", `merchant:${merchant.id}`, at),
        merchant_id: merchant.id,
        details: { name: merchant.name, emails: merchant.emails.join(" ") },
      });
      const key = await addKey(
        trx,
        merchant.id,
        { scopes: DEFAULT_SCOPES, days: DEFAULT_KEY_DAYS },
        at,
      );
      const { id, name, currency, zone, language, emails } = merchant;
      return { merchant_id: id, name, currency, zone, language, emails, ...key };
    });
  },
});

export const merchantList = defineAct({
  name: "merchant list",
  about: "Lists all merchants.",
  options: {},
  input: z.strictObject({}),
  async run({ db }) {
    const merchants = await listMerchants(db);
    return { merchants: merchants.map(({ id, ...rest }) => ({ merchant_id: id, ...rest })) };
  },
});

export const merchantEmail = defineAct({
  name: "merchant email",
  about: "Replaces the addresses that receive alert mail.",
  options: {
    merchant: { value: "ID", about: "the merchant" },
    email: { value: "ADDRESS", about: "receives alert mail; may be repeated", many: true },
  },
  input: z.strictObject({ merchant: Id, email: Emails.min(1, "name at least one address") }),
  async run({ db, now, onChanged }, { merchant, email }) {
    const at = now();
    await db.transaction().execute(async (trx) => {
      await setMerchantEmails(trx, merchant, email);
      await appendAudit(trx, {
        ...cliEntry("merchant.email", `merchant:${merchant}`, at),
        merchant_id: merchant,
        details: { emails: email.join(" ") },
      });
    });
    onChanged();
    return { merchant_id: merchant, emails: email };
  },
});

export const merchantLanguage = defineAct({
  name: "merchant language",
  about: "Says in which language mails are written from now on.",
  options: {
    merchant: { value: "ID", about: "the merchant" },
    language: { value: "TAG", about: LANGUAGE_HELP },
  },
  input: z.strictObject({ merchant: Id, language: Language }),
  async run({ db, now, onChanged }, { merchant, language }) {
    const at = now();
    await db.transaction().execute(async (trx) => {
      await setMerchantLanguage(trx, merchant, language);
      await appendAudit(trx, {
        ...cliEntry("merchant.language", `merchant:${merchant}`, at),
        merchant_id: merchant,
        details: { language },
      });
    });
    onChanged();
    return { merchant_id: merchant, language };
  },
});

const Most = z.coerce.number().int().max(100_000);

export const merchantNoise = defineAct({
  name: "merchant noise",
  about: "Sets the noise budget.",
  options: {
    merchant: { value: "ID", about: "the merchant" },
    alerts: {
      value: "N",
      about: "alerts a store and week; critical and high never wait; usual: 3",
    },
    mails: { value: "N", about: "mails a person and hour; critical never waits; usual: 6" },
  },
  input: z.strictObject({
    merchant: Id,
    alerts: Most.min(0).default(USUAL_NOISE.alerts_a_week),
    mails: Most.min(1).default(USUAL_NOISE.mails_an_hour),
  }),
  async run({ db, now }, { merchant, alerts, mails }) {
    const at = now();
    if ((await findMerchant(db, merchant)) === undefined) {
      throw new AppError("NOT_FOUND", `There is no merchant ${merchant}.`);
    }
    const setting = { alerts_a_week: alerts, mails_an_hour: mails };
    await db.transaction().execute(async (trx) => {
      await setNoise(trx, merchant, setting, at);
      await appendAudit(trx, {
        ...cliEntry("merchant.noise", `merchant:${merchant}`, at),
        merchant_id: merchant,
        details: setting,
      });
    });
    return { merchant_id: merchant, ...setting };
  },
});
