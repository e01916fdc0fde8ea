// What of SumUp's bodies and answers may rest with us. Names, addresses, descriptions and places go; a user's e-mail becomes a digest.
import type { KeptFields } from "../../../core/kept-fields.ts";

const NAMES = `
  asked object event_type id timestamp status checkout_id
  transaction_id transaction_code client_transaction_id merchant_code amount currency type payment_type entry_mode card_type
  simple_status user_email tip_amount vat_amount refunded_amount installments_count transactions date
  last_4_digits
`;

export const SUMUP_KEPT: KeptFields = {
  keeps: new Set(NAMES.split(/\s+/).filter((name) => name !== "")),
  storedValue: new Set(),
};
