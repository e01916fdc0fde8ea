// Who did what, when, on what: one entry of the audit log.

/** `actor`: `account:…`, `api_key:…`, `link:…`, `cli` or `service`. `details` holds no secret and no card data. */
export type AuditEntry = {
  merchant_id: string | null;
  actor: string;
  act: string;
  subject: string;
  at: number;
  address: string | null;
  details: Record<string, string | number | boolean | null>;
};
