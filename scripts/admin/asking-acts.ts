// Acts on what a provider is asked with, for what it does not send by itself.
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { SOURCES } from "../../ingest/catalogue.ts";
import { setToken, startPolls } from "../../stores/asking.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import { listSources } from "../../stores/sources.ts";
import { cliEntry, defineAct, Id } from "./act.ts";

export const sourceToken = defineAct({
  name: "source token",
  about: "Sets what the provider's own API is asked with; asking begins within seconds.",
  options: {
    merchant: { value: "ID", about: "the merchant" },
    source: { value: "ID", about: "the source: src_…" },
    token: {
      value: "TOKEN",
      about: "the provider's API key or access token, - reads standard input",
      secret: true,
    },
    host: { value: "HOST", about: "which of the provider's hosts; default its first" },
  },
  input: z.strictObject({
    merchant: Id,
    source: Id,
    token: z
      .string()
      .trim()
      .min(8, "is too short to be a token")
      .max(4000, "at most 4000 characters")
      .regex(/^[\x21-\x7e]+$/, "must be printable, without spaces"),
    host: z.string().max(253).optional(),
  }),
  async run({ db, secrets, now, onChanged }, { merchant, source, token, host }) {
    const at = now();
    const answer = await db.transaction().execute(async (trx) => {
      const found = (await listSources(trx, merchant)).find(({ id }) => id === source);
      if (found === undefined) throw new AppError("NOT_FOUND", "This merchant has no such source.");
      const { asking } = SOURCES[found.kind];
      if (asking === undefined)
        throw new AppError(
          "CONFLICT",
          `Nothing is asked of ${found.kind}: it sends all by itself.`,
        );
      const chosen = host ?? asking.hosts[0];
      if (!asking.hosts.includes(chosen))
        throw new AppError("REQUEST_INVALID", `--host must be one of ${asking.hosts.join(", ")}.`);
      const of = { merchantId: merchant, sourceId: source, token, host: chosen };
      await setToken(trx, of, secrets.SEAL_KEY);
      const whats = asking.polls.map(({ what }) => what);
      await startPolls(trx, { merchant_id: merchant, source_id: source }, whats, at);
      await appendAudit(trx, {
        ...cliEntry("source.token", `source:${source}`, at),
        merchant_id: merchant,
        details: { host: chosen },
      });
      return { source_id: source, host: chosen, asks_for: whats };
    });
    onChanged();
    return answer;
  },
});
