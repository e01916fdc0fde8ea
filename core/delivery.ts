// What a provider sent, and what a source makes of it.
import type { EventDraft } from "./event.ts";

/** One HTTP delivery as it came. `headers` in lower case; `url` is the public address as registered at the provider. */
export type Delivery = { url: string; headers: Readonly<Record<string, string>>; body: Buffer };

export type VerifyResult =
  | { ok: true }
  | { ok: false; code: "SIGNATURE_MISSING" | "SIGNATURE_INVALID" | "SIGNATURE_STALE" };

/** One fact from a delivery. `fact_key` names it the same in a webhook, its retry and a poll. */
export type Fact = { fact_key: string; draft: EventDraft };

/**
 * events: facts to store. ignored: a type that means nothing to us. ask: the object must be fetched from the provider, or
 * each of `objects` where a delivery names several.
 * refused: the delivery cannot be understood; `detail` names the field.
 */
export type Translation = { account: string | null; delivery_key: string; live: boolean | null } & (
  | { outcome: "events"; facts: Fact[] }
  | { outcome: "ignored"; type: string }
  | {
      outcome: "ask";
      type: string;
      object: string;
      objects?: { type: string; object: string }[];
      facts: Fact[];
    }
  | { outcome: "refused"; detail: string }
);

/** A connector: one file in `ingest/sources/`. `nowMs` judges stale times; `secrets` are current and previous. */
export type Source = {
  id: string;
  verify(delivery: Delivery, secrets: readonly string[], nowMs: number): VerifyResult;
  translate(delivery: Delivery): Translation;
};
