-- Events set aside, with the reason, until somebody fixes the cause and replays them. Written by the spool only.
-- A replay writes a second row of the same id with a later state_ts; the newest state counts (read with FINAL).
-- Rows live 30 days.
CREATE TABLE IF NOT EXISTS quarantine (
  merchant_id   LowCardinality(String) COMMENT 'the business' CODEC(ZSTD(3)),
  quarantine_id String COMMENT 'our name for it' CODEC(ZSTD(3)),
  received_ts   DateTime64(3, 'UTC') COMMENT 'when we made it durable (UTC)' CODEC(Delta(8), ZSTD(3)),
  source        LowCardinality(String) COMMENT 'where it came from: api, square, stripe, pos, import, demo' CODEC(ZSTD(3)),
  connection_id LowCardinality(String) COMMENT 'the connection it came by; empty for the signed API' CODEC(ZSTD(3)),
  reason        LowCardinality(String) COMMENT 'a key of QUARANTINE_REASONS' CODEC(ZSTD(3)),
  detail        String COMMENT 'which field, and what was wrong with it' CODEC(ZSTD(3)),
  event_id      String COMMENT 'the sender''s event id; empty when it gave none' CODEC(ZSTD(3)),
  body          String COMMENT 'what was sent, card data masked' CODEC(ZSTD(3)),
  state         LowCardinality(String) COMMENT 'waiting or replayed' CODEC(ZSTD(3)),
  state_ts      DateTime64(3, 'UTC') COMMENT 'since when it is in that state (UTC)' CODEC(Delta(8), ZSTD(3))
)
ENGINE = ReplacingMergeTree(state_ts)
PARTITION BY toYYYYMM(received_ts)
ORDER BY (merchant_id, quarantine_id)
TTL toDateTime(received_ts) + INTERVAL 30 DAY
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1
