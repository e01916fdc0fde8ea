// The sources that there are: one line each.
import type { Asking } from "../core/asking.ts";
import type { Source } from "../core/delivery.ts";
import type { KeptFields } from "../core/kept-fields.ts";
import type { SourceKind } from "../core/merchant.ts";
import { ADYEN_KEPT } from "./sources/adyen/kept-fields.ts";
import { adyen } from "./sources/adyen.ts";
import { api } from "./sources/api.ts";
import { cloverAsking } from "./sources/clover/asking.ts";
import { CLOVER_KEPT } from "./sources/clover/kept-fields.ts";
import { clover } from "./sources/clover.ts";
import { LIGHTSPEED_KEPT } from "./sources/lightspeed/kept-fields.ts";
import { lightspeed } from "./sources/lightspeed.ts";
import { SHOPIFY_KEPT } from "./sources/shopify/kept-fields.ts";
import { shopify } from "./sources/shopify.ts";
import { squareAsking } from "./sources/square/drawers.ts";
import { SQUARE_KEPT } from "./sources/square/kept-fields.ts";
import { square } from "./sources/square.ts";
import { STRIPE_KEPT } from "./sources/stripe/kept-fields.ts";
import { stripe } from "./sources/stripe.ts";
import { sumUpAsking } from "./sources/sumup/asking.ts";
import { SUMUP_KEPT } from "./sources/sumup/kept-fields.ts";
import { sumup } from "./sources/sumup.ts";
import { TOAST_KEPT } from "./sources/toast/kept-fields.ts";
import { toast } from "./sources/toast.ts";
import { ZETTLE_KEPT } from "./sources/zettle/kept-fields.ts";
import { zettle } from "./sources/zettle.ts";

/**
 * `about`: who sends and what is signed, for people. `kept`: what of a raw delivery may rest; the API's events are kept as
 * events. `currency: "shop"`: the provider names none, so amounts are in the shop's own, in hundredths. `asking`: what is
 * fetched from it.
 */
export type SourceEntry = {
  source: Source;
  about: string;
  kept: KeptFields;
  currency?: "shop";
  asking?: Asking;
};

const NOTHING_RAW: KeptFields = { keeps: new Set(), storedValue: new Set() };

export const SOURCES: Readonly<Record<SourceKind, SourceEntry>> = {
  square: {
    source: square,
    about: "Square webhooks; signs the registered address and the body",
    kept: SQUARE_KEPT,
    asking: squareAsking,
  },
  stripe: {
    source: stripe,
    about: "Stripe webhooks (classic events); signs a time and the body",
    kept: STRIPE_KEPT,
  },
  shopify: {
    source: shopify,
    about: "Shopify webhooks; signs the body alone",
    kept: SHOPIFY_KEPT,
  },
  adyen: {
    source: adyen,
    about: "Adyen standard notifications; signs eight values of each item",
    kept: ADYEN_KEPT,
  },
  toast: {
    source: toast,
    about: "Toast webhooks (orders, partners); signs the body and its time",
    kept: TOAST_KEPT,
    currency: "shop",
  },
  zettle: {
    source: zettle,
    about: "Zettle (PayPal POS) webhooks; signs a time and the payload",
    kept: ZETTLE_KEPT,
  },
  lightspeed: {
    source: lightspeed,
    about: "Lightspeed Retail (X-Series) webhooks; signs the body, in a way that is not confirmed",
    kept: LIGHTSPEED_KEPT,
    currency: "shop",
  },
  clover: {
    source: clover,
    about:
      "Clover: its webhooks carry a fixed code and only name what we then ask for; payments are read too",
    kept: CLOVER_KEPT,
    currency: "shop",
    asking: cloverAsking,
  },
  sumup: {
    source: sumup,
    about:
      "SumUp: its webhooks sign nothing and only name what we then ask for; its history is read",
    kept: SUMUP_KEPT,
    asking: sumUpAsking,
  },
  api: {
    source: api,
    about: "Any till, in our own events; signed per Standard Webhooks",
    kept: NOTHING_RAW,
  },
};
