// What of a Stripe body may rest with us: the fields that the translators read.
import type { KeptFields } from "../../../core/kept-fields.ts";

const NAMES = `
  id object type created livemode account api_version amount amount_captured amount_refunded currency status reason
  charge payment_intent customer captured paid refunded failure_code outcome network_status network_decline_code
  risk_level risk_score brand funding network country exp_month exp_year fingerprint iin last4 read_method reader
  location serial_number ip_address stored_at cardholder_verification_method cvc_check address_postal_code_check
  address_line1_check result cashier_id store_id terminal_id shift_id ticket_id device_id
  due_by network_reason_code case_type fraud_type actionable arrival_date method destination
  routing_number device_type device_sw_version label
`;

export const STRIPE_KEPT: KeptFields = {
  keeps: new Set(NAMES.split(/\s+/).filter((name) => name !== "")),
  storedValue: new Set(),
};
