// What of a Lightspeed body may rest with us. `name` is that of a way to pay: customers and staff are gone before.
import type { KeptFields } from "../../../core/kept-fields.ts";
import { openForm } from "./form.ts";

const NAMES = `
  type environment domain_prefix retailer_id
  id version sale_date status state user_id customer_id register_id outlet_id invoice_number short_code return_for
  total_price total_tax total_payment total_to_pay created_at updated_at
  product_id quantity price price_set price_total tax tax_total discount discount_total
  payment_date amount currency payment_type_id retailer_payment_type_id name
`;

export const LIGHTSPEED_KEPT: KeptFields = {
  keeps: new Set(NAMES.split(/\s+/).filter((name) => name !== "")),
  storedValue: new Set(),
  read: openForm,
};
