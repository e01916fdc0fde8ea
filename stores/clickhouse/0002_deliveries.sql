-- What providers sent, scrubbed of card data, before it was translated: to translate it again after a fix.
-- Written by the spool only; rows are never changed and live 30 days.
CREATE TABLE IF NOT EXISTS deliveries (
  merchant_id   LowCardinality(String) COMMENT 'the business' CODEC(ZSTD(3)),
  received_ts   DateTime64(3, 'UTC') COMMENT 'when we made it durable (UTC)' CODEC(Delta(8), ZSTD(3)),
  delivery_id   String COMMENT 'our name for it' CODEC(ZSTD(3)),
  connection_id LowCardinality(String) COMMENT 'the connection it came by' CODEC(ZSTD(3)),
  kind          LowCardinality(String) COMMENT 'the provider: square, stripe' CODEC(ZSTD(3)),
  delivery_key  String COMMENT 'the provider''s name for it; empty when there is none' CODEC(ZSTD(3)),
  headers       Map(LowCardinality(String), String) COMMENT 'headers without keys and signatures' CODEC(ZSTD(3)),
  body          String COMMENT 'the body, card data masked' CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_ts)
ORDER BY (merchant_id, received_ts, delivery_id)
TTL toDateTime(received_ts) + INTERVAL 30 DAY
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1
