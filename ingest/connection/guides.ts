// What a shop's owner pastes where, for each kind of source.
import type { SourceKind } from "../../core/merchant.ts";
import { SOURCES } from "../catalogue.ts";

type Words = {
  /** Where the address is entered at the provider. */
  address: string;
  /** What the provider calls its secret and where it shows it; null where nothing is signed. */
  secret: string | null;
  /** What the provider calls the account that a connection belongs to. */
  account: string;
  notes: string[];
};

const NO_NOTES: string[] = [];
const WORDS: Readonly<Record<SourceKind, Words>> = {
  square: {
    address:
      "Square Developer Console, your application, Webhooks, Subscriptions: Notification URL",
    secret: "Signature key of that subscription",
    account: "Merchant ID",
    notes: ["Square signs the address too: register it exactly as shown here."],
  },
  stripe: {
    address: "Stripe Dashboard, Developers, Webhooks, Add endpoint",
    secret: "Signing secret of that endpoint (whsec_…)",
    account: "Account ID (acct_…)",
    notes: ["Choose classic (snapshot) events."],
  },
  shopify: {
    address: "The app's webhook subscriptions; or Settings, Notifications, Webhooks",
    secret: "The app's client secret; for notifications the key shown under the list of webhooks",
    account: "Shopify's bodies name no account",
    notes: NO_NOTES,
  },
  adyen: {
    address: "Customer Area, Developers, Webhooks, Standard webhook: URL",
    secret: "HMAC key generated there (hexadecimal)",
    account: "Merchant account",
    notes: ["Set a user name and password there too: not every field is signed."],
  },
  toast: {
    address: "Toast's support makes the subscription (orders) with this address",
    secret: "Secret of the subscription, which they give",
    account: "Restaurant GUID",
    notes: NO_NOTES,
  },
  zettle: {
    address: "Pusher API: create a subscription with this address as destination",
    secret: "signingKey in the answer: set it with `source secret`",
    account: "organizationUuid",
    notes: NO_NOTES,
  },
  lightspeed: {
    address: "Retail (X-Series), Setup, or its webhooks API: URL",
    secret: "Client secret of the application",
    account: "Domain prefix",
    notes: ["How Lightspeed signs is not confirmed: watch the first deliveries for refusals."],
  },
  clover: {
    address: "Developer Dashboard, your app, Webhooks: Webhook URL; subscribe to Payments",
    secret:
      "X-Clover-Auth code, shown there once the address is verified: set it with `source secret`",
    account: "Merchant ID (mId), needed: Clover is asked for it",
    notes: [
      "Add the source without a secret. Clover then sends a verification code to the address: `source health` shows it; paste it there.",
      "The app may be installed by one shop only.",
    ],
  },
  sumup: {
    address: "As return_url when a checkout is made; without it the history alone is read",
    secret: null,
    account: "Merchant code, needed: SumUp is asked for it",
    notes: ["Keep the address to yourself: its last part is all that SumUp proves itself with."],
  },
  api: {
    address: "In your till: POST to this address, signed per Standard Webhooks",
    secret: "Made here when the source is added (whsec_…)",
    account: "none",
    notes: NO_NOTES,
  },
};

export type Guide = {
  kind: SourceKind;
  about: string;
  steps: { do: string; paste: string }[];
  notes: string[];
  /** Hosts of the provider that are asked; empty where nothing is. */
  asks: string[];
};

/** In: the public address of this service. The id in the address is known once the source is added. */
export function guideOf(kind: SourceKind, publicUrl: string): Guide {
  const { about, asking } = SOURCES[kind];
  const { address, secret, account, notes } = WORDS[kind];
  const add = `source add --merchant ID --kind ${kind}${secret === null ? "" : " --secret -"} --account NAME`;
  const steps = [
    { do: "Add the source here; its answer holds the address.", paste: add },
    { do: address, paste: `${publicUrl}/in/${kind}/src_…` },
    ...(secret === null ? [] : [{ do: "The provider's secret, for us", paste: secret }]),
    { do: "The provider's name of your account, for us", paste: account },
    ...(asking === undefined
      ? []
      : [
          {
            do: `Set the token: ${asking.token}`,
            paste: "source token --merchant ID --source src_… --token -",
          },
        ]),
    { do: "Test it", paste: "source test --merchant ID --source src_…" },
  ];
  return { kind, about, steps, notes, asks: asking === undefined ? [] : [...asking.hosts] };
}
