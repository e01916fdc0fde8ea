-- The newest row of each audit chain, put down nightly in another store than the log's own: a history that is written
-- anew in Postgres, even by somebody with the signing key, no longer holds these hashes. Written by the service only.
-- Rows are never removed, whatever a merchant's retention says: they hold no data of anybody.
CREATE TABLE IF NOT EXISTS audit_anchor (
  merchant_id LowCardinality(String) COMMENT 'the chain: the business, or service' CODEC(ZSTD(3)),
  ts          DateTime64(3, 'UTC') COMMENT 'when it was put down (UTC)' CODEC(Delta(8), ZSTD(3)),
  seq         Int64 COMMENT 'the row of the audit log' CODEC(ZSTD(3)),
  hash        String COMMENT 'its hash, 64 hex digits' CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYear(ts)
ORDER BY (merchant_id, ts, seq)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1
