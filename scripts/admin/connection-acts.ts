// Acts that guide the connection of a source: what to paste where, a test, and how it does.
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { SOURCE_KINDS } from "../../core/merchant.ts";
import { guideOf } from "../../ingest/connection/guides.ts";
import { sourceHealth as healthOf } from "../../ingest/connection/source-health.ts";
import { defineAct, Id } from "./act.ts";

const MERCHANT = { value: "ID", about: "the merchant" };
const NEEDS_SERVICE = "This needs the running service: start it, then ask again.";

export const sourceGuide = defineAct({
  name: "source guide",
  about: "Says what to paste where, for one kind of source.",
  options: { kind: { value: "KIND", about: SOURCE_KINDS.join(", ") } },
  input: z.strictObject({
    kind: z.enum(SOURCE_KINDS, `must be one of ${SOURCE_KINDS.join(", ")}`),
  }),
  run: async ({ publicUrl }, { kind }) => guideOf(kind, publicUrl),
});

export const sourceTest = defineAct({
  name: "source test",
  about: "Sends a delivery signed with the source's own secret the whole way; stores no event.",
  options: { merchant: MERCHANT, source: { value: "ID", about: "the source: src_…" } },
  input: z.strictObject({ merchant: Id, source: Id }),
  async run({ testSource }, { merchant, source }) {
    if (testSource === undefined) throw new AppError("CONFLICT", NEEDS_SERVICE);
    return testSource({ merchantId: merchant, sourceId: source, actor: "cli", address: null });
  },
});

export const sourceHealth = defineAct({
  name: "source health",
  about: "Shows how a merchant's sources are doing: what came, what failed, where it was silent.",
  options: { merchant: MERCHANT },
  input: z.strictObject({ merchant: Id }),
  async run({ db, rows, now }, { merchant }) {
    if (rows === undefined) throw new AppError("CONFLICT", NEEDS_SERVICE);
    return { sources: await healthOf({ db, ch: rows.ch, now }, merchant) };
  },
});
