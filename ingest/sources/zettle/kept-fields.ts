// What of a Zettle body may rest with us. Names of staff and articles go, and where the reader stood.
import type { KeptFields } from "../../../core/kept-fields.ts";
import { openPayload } from "./message.ts";

const NAMES = `
  eventName organizationUuid messageUuid messageId timestamp created
  purchaseUuid purchaseUUID1 source userUuid currency country amount vatAmount purchaseNumber udid cashRegister uuid
  products id productUuid variantUuid sku unitPrice quantity type discountValue giftcardUuid
  discounts percentage payments gratuityAmount
  maskedPan cardType cardPaymentEntryMode cardHolderVerificationMethod
  refundsPurchaseUuid refundsPurchaseUUID1 refundsPayment
`;

export const ZETTLE_KEPT: KeptFields = {
  keeps: new Set(NAMES.split(/\s+/).filter((name) => name !== "")),
  storedValue: new Set(),
  read: openPayload,
};
