// What of an Adyen body may rest with us. Its additionalData can hold names, addresses and account numbers: those go.
import type { KeptFields } from "../../../core/kept-fields.ts";

const NAMES = `
  live notificationItems NotificationRequestItem additionalData amount value currency eventCode eventDate success
  pspReference originalReference merchantAccountCode merchantReference paymentMethod reason
  metadata.store_id metadata.terminal_id metadata.cashier_id store terminalId shopperReference shopperIP shopperEmail
  PaymentAccountReference alias recurring.recurringDetailReference cardBin cardSummary expiryDate cardIssuingCountry
  avsResult cvcResult refusalReasonRaw shopperInteraction totalFraudScore fundingSource
  chargebackReasonCode nofReasonCode nofSchemeCode defensePeriodEndsAt
`;

export const ADYEN_KEPT: KeptFields = {
  keeps: new Set(NAMES.split(/\s+/).filter((name) => name !== "")),
  storedValue: new Set(),
};
