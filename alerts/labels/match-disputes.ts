// Which events a provider's word is about, and what it says of an alert that shows one of them. Pure.
import type { NewAlertLabel } from "../../core/alert-label.ts";
import type { Dispute, PaidEvent } from "../../stores/disputes.ts";

/** Card schemes take disputes for 120 days; their later states come some weeks on. */
export const DISPUTE_WINDOW_MS = 180 * 86_400_000;

/**
 * Event id → the disputes about it: of the same payment, or of a sale that the payment paid. By the card alone only
 * where the dispute names no payment, and then each event of the card within the window before it.
 */
export function matchDisputes(
  disputes: readonly Dispute[],
  events: readonly PaidEvent[],
): Map<string, Dispute[]> {
  const byPayment = Map.groupBy(events, ({ payment_id }) => payment_id);
  const bySale = Map.groupBy(events, ({ sale_id }) => sale_id);
  const byCard = Map.groupBy(events, ({ card_token }) => card_token);
  const matched = new Map<string, Dispute[]>();
  for (const dispute of disputes) {
    const { payment_id, card_token, ts } = dispute;
    const inWindow = (event: PaidEvent) => event.ts <= ts && event.ts >= ts - DISPUTE_WINDOW_MS;
    const paid = payment_id === null ? [] : (byPayment.get(payment_id) ?? []);
    const sales = paid.flatMap(({ sale_id }) => (sale_id === null ? [] : bySale.get(sale_id)));
    const card = payment_id !== null || card_token === null ? [] : byCard.get(card_token);
    const about = [...paid, ...sales, ...(card ?? [])].filter((event) => event !== undefined);
    for (const id of new Set(about.filter(inWindow).map(({ event_id }) => event_id))) {
      matched.set(id, [...(matched.get(id) ?? []), dispute]);
    }
  }
  return matched;
}

/**
 * Fraud where the provider says so. A chargeback for another reason, or for none that is given, is "unsure": it does not
 * say that the alert was wrong. Null: the dispute names neither payment nor card.
 */
export function labelOf(dispute: Dispute): NewAlertLabel | null {
  const { kind, event_id, received_ts, source, payment_id, card_token, reason_code } = dispute;
  const about = payment_id ?? card_token;
  if (about === null) return null;
  const actor = `provider:${source}`;
  const label = dispute.is_fraud === true ? "fraud" : "unsure";
  return { kind, actor, label, known_at: received_ts, event_id, about, reason_code };
}
