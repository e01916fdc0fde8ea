// What of a Square body may rest with us: the fields that the translators read, and those that tell versions apart.
import type { KeptFields } from "../../../core/kept-fields.ts";

const NAMES = `
  id type event_id merchant_id created_at updated_at version status state reason
  amount currency currency_code location_id order_id payment_id customer_id team_member_id employee_id
  source_type receipt_number terminal_checkout_id terminal_refund_id is_offline_payment client_created_at version_token
  bin last_4 card_brand card_type prepaid_type exp_month exp_year fingerprint entry_method avs_status cvv_status
  verification_method verification_results auth_result_code wallet_type code category
  device_id device_installation_id risk_level destination_type unlinked
  dispute_id brand_dispute_id due_at reported_at is_owner assignment_type job_title pay_type title
  start_at end_at timezone gift_card_id line_item_uid account_type country account_number_suffix
  primary_bank_identification_number manufacturer model manufacturers_id product_type paired_at
  arrival_date revoked_at revoker_type
  asked object shift_id event_type opened_at ended_at closed_at
  opening_team_member_id ending_team_member_id closing_team_member_id
`;

export const SQUARE_KEPT: KeptFields = {
  keeps: new Set(NAMES.split(/\s+/).filter((name) => name !== "")),
  storedValue: new Set(["gift_card_gan", "gan"]),
};
