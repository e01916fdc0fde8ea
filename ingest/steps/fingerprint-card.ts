// A vendor's or till's card fingerprint becomes ours: keyed per merchant, and once across merchants for the operator.

import type { EventDraft } from "../../core/event.ts";
import type { Secrets } from "../../core/settings.ts";
import { hmacSha256 } from "../../core/signature.ts";

type Keyed = { token: string; xhash: string };
const MOST_REMEMBERED = 50_000;

/** Replaces `card_token` (and `sale_card_token`, `email_hash` of providers) in the draft; sets `card_xhash` on payments. */
export type FingerprintCard = (draft: EventDraft, merchantId: string, source: string) => void;

export function makeFingerprints(
  secrets: Pick<Secrets, "FINGERPRINT_KEY" | "OPERATOR_KEY">,
): FingerprintCard {
  const merchantKeys = new Map<string, Buffer>();
  let fresh = new Map<string, Keyed>();
  let old = new Map<string, Keyed>();

  const keyOf = (merchantId: string): Buffer => {
    let key = merchantKeys.get(merchantId);
    if (key === undefined) {
      key = hmacSha256(secrets.FINGERPRINT_KEY, "merchant:", merchantId);
      merchantKeys.set(merchantId, key);
    }
    return key;
  };
  // Two halves instead of a list of uses: the older half goes as a whole.
  const keyed = (fingerprint: string, merchantId: string, source: string): Keyed => {
    const name = `${merchantId}\0${source}\0${fingerprint}`;
    const known = fresh.get(name) ?? old.get(name);
    const made = known ?? {
      token: short(hmacSha256(keyOf(merchantId), "card:", fingerprint)),
      xhash: short(hmacSha256(secrets.OPERATOR_KEY, `card:${source}:`, fingerprint)),
    };
    if (fresh.size >= MOST_REMEMBERED) {
      old = fresh;
      fresh = new Map();
    }
    fresh.set(name, made);
    return made;
  };

  return (draft, merchantId, source) => {
    if (draft.card_token !== undefined) {
      const { token, xhash } = keyed(draft.card_token, merchantId, source);
      draft.card_token = token;
      if (draft.event_type === "payment") draft.card_xhash = xhash;
    }
    if (draft.sale_card_token !== undefined)
      draft.sale_card_token = keyed(draft.sale_card_token, merchantId, source).token;
    if (draft.email_hash !== undefined && source !== "api")
      draft.email_hash = short(hmacSha256(keyOf(merchantId), "email:", draft.email_hash));
  };
}

function short(digest: Buffer): string {
  return digest.toString("hex", 0, 16);
}
