// What of a Shopify body may rest with us: the fields that the translators read, and those that tell versions apart.
import type { KeptFields } from "../../../core/kept-fields.ts";

const NAMES = `
  id order_id parent_id created_at processed_at updated_at cancelled_at cancel_reason kind status gateway amount currency test
  user_id device_id location_id source_name error_code payment_details credit_card_bin credit_card_number
  credit_card_company credit_card_expiration_month credit_card_expiration_year avs_result_code cvv_result_code
  order_number total_price total_tax total_discounts financial_status line_items sku price quantity total_discount
  discount_codes code customer browser_ip client_details
  refund_line_items restock transactions
  type reason network_reason_code evidence_due_by evidence_sent_on finalized_on initiated_at
  domain myshopify_domain plan_name
`;

export const SHOPIFY_KEPT: KeptFields = {
  keeps: new Set(NAMES.split(/\s+/).filter((name) => name !== "")),
  storedValue: new Set(["gift_card_number"]),
};
