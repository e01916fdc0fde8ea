// What of a Toast body may rest with us. Guests' names, tab names and special requests go.
import type { KeptFields } from "../../../core/kept-fields.ts";

const NAMES = `
  timestamp eventCategory eventType guid id restaurantGuid managementGroupGuid entityType source businessDate
  createdInTestMode excessFood deleted voided displayNumber paymentStatus
  openedDate createdDate modifiedDate closedDate paidDate voidDate refundDate
  amount totalAmount taxAmount price preDiscountPrice receiptLinePrice quantity plu selectionType
  discountAmount discountType discountPercent processingState appliedPromoCode
  type cardEntryMode cardType cardPaymentId first6Digits last4Digits tipAmount refundStatus refundAmount tipRefundAmount
`;

export const TOAST_KEPT: KeptFields = {
  keeps: new Set(NAMES.split(/\s+/).filter((name) => name !== "")),
  storedValue: new Set(),
};
