// Mails as owners get them, of a made-up shop, for pictures and tests. Nothing is read from a store.
import type { Alert } from "../../core/alert.ts";
import { tellAlert } from "../../core/alert-story.ts";
import type { EvidenceEvent } from "../../core/finding.ts";
import type { Names } from "../../core/story-names.ts";
import { subject } from "../../core/subject.ts";
import type { MailContent } from "../../stores/mails.ts";
import { confirmPage, LINK_STYLE } from "../links/link-pages.ts";
import { alertMail } from "../mail/alert-mail.ts";
import { digestMail } from "../mail/digest-mail.ts";
import { heldMail } from "../mail/held-mail.ts";

const AT = Date.UTC(2026, 10, 25, 14, 2, 10);
const PUBLIC_URL = "https://tillwatch.example.com";
const RECIPIENT = "owner@cornershop.example";

type Shop = { merchant: string; store: string; zone: string; currency: string };

const SHOPS: Readonly<Record<string, Shop>> = {
  en: { merchant: "Corner Shop", store: "Soho", zone: "Europe/London", currency: "GBP" },
  de: {
    merchant: "Eckladen Schönhauser Straße",
    store: "Friedrichshain",
    zone: "Europe/Berlin",
    currency: "EUR",
  },
};

function shopOf(language: string): Shop {
  return SHOPS[language] ?? (SHOPS.en as Shop);
}

function sampleNames(language: string): Names {
  const { merchant, store, zone } = shopOf(language);
  return {
    ...{ merchant, zone, language },
    stores: new Map([["s1", { name: store, zone }]]),
    terminals: new Map(),
    staff: new Map([["c-7", "Sam Carter"]]),
  };
}

export function sampleAlert(language: string, over: Partial<Alert> = {}): Alert {
  const { currency } = shopOf(language);
  const evidence: EvidenceEvent[] = [8240, 7990, 8100, 9000, 7880].map((amount, n) => ({
    event_id: `e${n}`,
    event_type: "refund",
    ts: AT + n * 128_000,
    ...{ amount, currency },
    terminal_id: "till-2",
    cashier_id: "c-7",
    fields: { last4: "4242" },
  }));
  return {
    id: "alt_7890888ea526f267a492d4ac6b2c639b",
    merchant_id: "mer_1",
    detection: "refund-same-card",
    rule: "refunds_to_one_card",
    rule_version: 1,
    title: "Several refunds to one card",
    level: "high",
    subject: subject("card", "tok"),
    state: "open",
    ...{ label: null, reason: null, first_ts: AT, last_ts: AT + 512_000, opened_at: AT + 512_000 },
    ...{ acknowledged_at: null, acknowledged_by: null, started_at: null, started_by: null },
    ...{ resolved_at: null, resolved_by: null, reopened_at: null, reopened_by: null },
    ...{ snoozed_until: null, snoozed_by: null, snooze_reason: null, hidden_count: 0 },
    ...{ told_at: null, held_at: null, held_why: null, finding_count: 1 },
    ...{ event_count: evidence.length, amount: 41_210, currency, value: 5, threshold: 3 },
    explanation: "5 refunds went to the card ending 4242 within 10 minutes; 3 or more is unusual.",
    counterfactual: "Would not fire at 2 refunds.",
    ...{ store_id: "s1", terminal_id: "till-2", cashier_id: "c-7", evidence },
    ...over,
  };
}

/** A second and third one, for lists. */
function sampleAlerts(language: string): Alert[] {
  const evidence = sampleAlert(language).evidence.slice(0, 1);
  return [
    sampleAlert(language, {
      ...{ id: "alt_2", level: "medium", subject: subject("cashier", "c-7"), amount: null },
      evidence: evidence.map((event) => ({ ...event, event_type: "drawer_opened" })),
      ...{ event_count: 1, title: "Drawer opened without a sale, several times" },
      rule: "no_sale_opens",
    }),
    sampleAlert(language, {
      ...{ id: "alt_3", level: "low", subject: subject("cashier", "c-7"), amount: 2_650 },
      evidence: sampleAlert(language).evidence.map((event) => ({ ...event, event_type: "void" })),
    }),
  ];
}

export async function sampleAlertMail(
  language: string,
  over: Partial<Alert> = {},
): Promise<MailContent> {
  const to = { recipient: RECIPIENT, publicUrl: PUBLIC_URL };
  const advice = {
    why: "Refunds to an own card take money out of the till without goods coming back.",
    do_now: [
      "Ask {cashier_id} for the receipts and the goods of these refunds.",
      "Compare camera pictures at {terminal_id} with these times.",
    ],
    explains: ["A faulty batch that one customer brings back", "A large order in parts"],
    cooldown_ms: null,
  };
  return await alertMail({
    ...{ alert: sampleAlert(language, over), names: sampleNames(language), advice },
    ...{ kind: "opened", ...to, isDemo: false },
  });
}

export async function sampleDigestMail(language: string): Promise<MailContent> {
  const { currency } = shopOf(language);
  const facts = {
    ...{ open: 2, opened: 3, usual: 1.5 },
    first: [sampleAlert(language), ...sampleAlerts(language).slice(0, 1)],
    atRisk: [{ currency, amount: 41_210 }],
  };
  return await digestMail({
    ...{ kind: "daily", facts, held: sampleAlerts(language).slice(1) },
    ...{ names: sampleNames(language), recipient: RECIPIENT, publicUrl: PUBLIC_URL },
  });
}

export async function sampleHeldMail(language: string): Promise<MailContent> {
  return await heldMail({
    ...{ alerts: sampleAlerts(language), names: sampleNames(language), mailsAnHour: 6 },
    ...{ recipient: RECIPIENT, publicUrl: PUBLIC_URL },
  });
}

/** The page behind the button "Snooze", with its sheet in it. */
export function sampleConfirmPage(language: string): string {
  const names = sampleNames(language);
  const { headline, level } = tellAlert(sampleAlert(language), names, undefined);
  const page = confirmPage({
    ...{ language, act: "snooze", headline, level, merchant: names.merchant },
  });
  return page.replace('<link rel="stylesheet" href="/m.css">', `<style>${LINK_STYLE}</style>`);
}
