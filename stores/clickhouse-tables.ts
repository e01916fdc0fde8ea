// Our tables in ClickHouse that hold merchants' rows. The row filters are made from this list; a test compares it with the schema.

export const DATABASE = "tillwatch";

/** Each has a column `merchant_id`. A table without an entry here would be open to every merchant's queries. */
export const MERCHANT_TABLES = ["events", "deliveries", "quarantine", "findings"] as const;

/** Tables that hold no merchant's rows. */
export const OWN_TABLES = ["migration"] as const;
