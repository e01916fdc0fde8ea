// Our tables in ClickHouse that hold merchants' rows. The row filters are made from this list; a test compares it with the schema.

export const DATABASE = "tillwatch";

/** What is removed on a person's request, or when a merchant's retention is over. */
export const REMOVABLE_TABLES = ["events", "deliveries", "quarantine", "findings"] as const;

/** Each has a column `merchant_id`. A table without an entry here would be open to every merchant's queries. */
export const MERCHANT_TABLES = [...REMOVABLE_TABLES, "audit_anchor"] as const;

/** Tables that hold no merchant's rows. */
export const OWN_TABLES = ["migration"] as const;
