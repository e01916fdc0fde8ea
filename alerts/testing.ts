// Builders for the tests of alerts and of the pages that show them.
import type { EvidenceEvent, Finding } from "../core/finding.ts";
import { subject } from "../core/subject.ts";

const AT = Date.UTC(2026, 10, 25, 14, 2);

export function anEvidence(id: string, over: Partial<EvidenceEvent> = {}): EvidenceEvent {
  return {
    event_id: id,
    event_type: "refund",
    ts: AT,
    ts_local: "2026-11-25T14:02:00.000",
    store_id: "soho",
    terminal_id: "till-2",
    cashier_id: "c-7",
    amount: 8240,
    currency: "EUR",
    fields: { last4: "4242", sale_found: "false" },
    ...over,
  };
}

/** Five refunds to one card within ten minutes at Till 2 in Soho. */
export function aFinding(over: Partial<Finding> = {}): Finding {
  const evidence = [0, 1, 2, 3, 4].map((n) =>
    anEvidence(`e${n}`, {
      ts: AT + n * 108_000,
      ts_local: new Date(AT + n * 108_000).toISOString().slice(0, 23),
      amount: 8240 + n,
    }),
  );
  return {
    id: "f1",
    merchant_id: "mer_1",
    detection: "refund-same-card",
    rule: "refund_same_card",
    rule_version: 1,
    title: "Several refunds to one card",
    level: "high",
    subject: subject("card", "tok_1"),
    group: { card_token: "tok_1" },
    ts: AT + 4 * 108_000,
    value: 5,
    threshold: 3,
    amount: 41_210,
    currency: "EUR",
    explanation: "5 refunds went to the card ending 4242 within 10 minutes; 3 or more is unusual.",
    counterfactual: "Would not fire at 2 refunds.",
    store_id: "soho",
    terminal_id: "till-2",
    cashier_id: "c-7",
    evidence,
    event_count: evidence.length,
    late: false,
    ...over,
  };
}
