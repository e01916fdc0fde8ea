-- A copy of the findings for history and dashboards. Postgres holds the truth; a job copies by id, and a second copy of
-- one id changes nothing (read with FINAL). Rows live 400 days, like the events beneath them.
CREATE TABLE IF NOT EXISTS findings (
  merchant_id    LowCardinality(String) COMMENT 'the business' CODEC(ZSTD(3)),
  ts             DateTime64(3, 'UTC') COMMENT 'the instant at which it fired (UTC)' CODEC(Delta(8), ZSTD(3)),
  id             String COMMENT 'hash of merchant, rule, version, group and instant' CODEC(ZSTD(3)),
  detection      LowCardinality(String) COMMENT 'id in the catalogue' CODEC(ZSTD(3)),
  rule           LowCardinality(String) COMMENT 'name of the outermost rule' CODEC(ZSTD(3)),
  rule_version   Int64 COMMENT 'version of that rule' CODEC(ZSTD(3)),
  title          LowCardinality(String) COMMENT 'what the reader of the alert sees first' CODEC(ZSTD(3)),
  level          LowCardinality(String) COMMENT 'informational, low, medium, high, critical' CODEC(ZSTD(3)),
  subject        String COMMENT 'who or what it is about, type:id' CODEC(ZSTD(3)),
  group_values   Map(LowCardinality(String), String) COMMENT 'values of the group-by fields' CODEC(ZSTD(3)),
  value          Nullable(Float64) COMMENT 'what was measured; NULL for a single event' CODEC(ZSTD(3)),
  threshold      Nullable(Float64) COMMENT 'what it met' CODEC(ZSTD(3)),
  amount         Nullable(Int64) COMMENT 'money concerned, minor units of currency' CODEC(ZSTD(3)),
  currency       LowCardinality(Nullable(String)) COMMENT 'ISO 4217 code' CODEC(ZSTD(3)),
  explanation    String COMMENT 'why, in words' CODEC(ZSTD(3)),
  counterfactual String COMMENT 'what would not have fired' CODEC(ZSTD(3)),
  store_id       LowCardinality(Nullable(String)) COMMENT 'the shop' CODEC(ZSTD(3)),
  terminal_id    LowCardinality(Nullable(String)) COMMENT 'the till' CODEC(ZSTD(3)),
  cashier_id     LowCardinality(Nullable(String)) COMMENT 'who worked the till' CODEC(ZSTD(3)),
  event_ids      Array(String) COMMENT 'the evidence, newest last; at most 20' CODEC(ZSTD(3)),
  event_count    Int64 COMMENT 'how many events there were' CODEC(ZSTD(3)),
  late           Bool COMMENT 'found by judging again, after a late event' CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (merchant_id, ts, id)
TTL toDateTime(ts) + INTERVAL 400 DAY
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1
