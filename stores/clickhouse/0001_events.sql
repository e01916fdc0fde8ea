-- Every event as it was accepted. Written by the spool only; rows are never changed. Rows live 400 days, the longest
-- history that a rule reads.
-- Sort key: a query names its merchant, mostly a store and a time, and then reads one stretch of the table.
-- Partitions: a month is dropped whole when it is old, and an import of a year touches twelve.
-- Text that repeats is LowCardinality; NULL means absent, which is not 0. Times that grow are Delta before ZSTD.
-- What few types use lies in two maps, so that an insert does not pay for 170 columns (see docs/event-store.md).
CREATE TABLE IF NOT EXISTS events (
  merchant_id       LowCardinality(String) COMMENT 'the business; the unit of isolation' CODEC(ZSTD(3)),
  store_id          LowCardinality(String) COMMENT 'the shop; empty when the event names none' CODEC(ZSTD(3)),
  ts                DateTime64(3, 'UTC') COMMENT 'when it happened (UTC)' CODEC(Delta(8), ZSTD(3)),
  event_id          String COMMENT 'unique within the merchant; 1-64 of A-Z a-z 0-9 _ . : -' CODEC(ZSTD(3)),
  event_type        LowCardinality(String) COMMENT 'what happened; a key of EVENT_TYPES' CODEC(ZSTD(3)),
  source            LowCardinality(String) COMMENT 'where the event came from: api, square, stripe, pos, import, demo' CODEC(ZSTD(3)),
  received_ts       DateTime64(3, 'UTC') COMMENT 'when we made it durable (UTC)' CODEC(Delta(8), ZSTD(3)),
  ts_local          Nullable(DateTime64(3, 'UTC')) COMMENT 'ts on the store''s wall clock; a clock without a zone, kept as if UTC' CODEC(Delta(8), ZSTD(3)),
  local_hour        Nullable(Int64) COMMENT 'hour of ts_local, 0-23' CODEC(ZSTD(3)),
  business_day      LowCardinality(Nullable(String)) COMMENT 'the store''s trading day, YYYY-MM-DD' CODEC(ZSTD(3)),
  business_month    LowCardinality(Nullable(String)) COMMENT 'YYYY-MM of business_day' CODEC(ZSTD(3)),
  is_late           Nullable(Bool) COMMENT 'it arrived after its instant had been judged' CODEC(ZSTD(3)),
  store_lat         Nullable(Float64) COMMENT 'latitude of the shop' CODEC(ZSTD(3)),
  store_lon         Nullable(Float64) COMMENT 'longitude of the shop' CODEC(ZSTD(3)),
  in_opening_hours  Nullable(Bool) COMMENT 'within the shop''s opening hours' CODEC(ZSTD(3)),
  opening_phase     LowCardinality(Nullable(String)) COMMENT 'first_hour, middle or last_hour of the opening hours' CODEC(ZSTD(3)),
  terminal_id       LowCardinality(Nullable(String)) COMMENT 'the till' CODEC(ZSTD(3)),
  shift_id          Nullable(String) COMMENT 'the cashier''s shift' CODEC(ZSTD(3)),
  ticket_id         Nullable(String) COMMENT 'the sale in the making, before it has a sale_id' CODEC(ZSTD(3)),
  cashier_id        LowCardinality(Nullable(String)) COMMENT 'who worked the till' CODEC(ZSTD(3)),
  staff_role        LowCardinality(Nullable(String)) COMMENT 'role of the cashier, such as cashier or manager' CODEC(ZSTD(3)),
  cashier_active    Nullable(Bool) COMMENT 'false: the cashier has left' CODEC(ZSTD(3)),
  clocked_in        Nullable(Bool) COMMENT 'the cashier is clocked in' CODEC(ZSTD(3)),
  account_id        Nullable(String) COMMENT 'the account that signed in or was changed' CODEC(ZSTD(3)),
  customer_id       Nullable(String) COMMENT 'the customer' CODEC(ZSTD(3)),
  customer_is_staff Nullable(Bool) COMMENT 'the customer is also staff' CODEC(ZSTD(3)),
  device_id         Nullable(String) COMMENT 'what a person signs in or pays from' CODEC(ZSTD(3)),
  ip                Nullable(String) COMMENT 'network address' CODEC(ZSTD(3)),
  ip_country        LowCardinality(Nullable(String)) COMMENT 'country of the address, two letters' CODEC(ZSTD(3)),
  currency          LowCardinality(Nullable(String)) COMMENT 'ISO 4217 code; needed with any money field' CODEC(ZSTD(3)),
  training          Nullable(Bool) COMMENT 'training mode: only rules that name this field see the event' CODEC(ZSTD(3)),
  offline           Nullable(Bool) COMMENT 'taken while the till or reader was offline' CODEC(ZSTD(3)),
  sale_id           Nullable(String) COMMENT 'the finished sale' CODEC(ZSTD(3)),
  amount            Nullable(Int64) COMMENT 'the money concerned, minor units of currency' CODEC(ZSTD(3)),
  tender_type       LowCardinality(Nullable(String)) COMMENT 'cash, card, gift_card, voucher, account' CODEC(ZSTD(3)),
  card_token        Nullable(String) COMMENT 'keyed fingerprint of the card, per merchant' CODEC(ZSTD(3)),
  payment_id        Nullable(String) COMMENT 'the payment at the provider' CODEC(ZSTD(3)),
  outcome           LowCardinality(Nullable(String)) COMMENT 'how it ended; its values depend on the event type' CODEC(ZSTD(3)),
  action            LowCardinality(Nullable(String)) COMMENT 'what was done; its values depend on the event type' CODEC(ZSTD(3)),
  reason            LowCardinality(Nullable(String)) COMMENT 'why; its values depend on the event type' CODEC(ZSTD(3)),
  bin               Nullable(String) COMMENT 'first six to eight digits: the issuer''s range' CODEC(ZSTD(3)),
  approver_id       LowCardinality(Nullable(String)) COMMENT 'who approved' CODEC(ZSTD(3)),
  gift_card_id      Nullable(String) COMMENT 'the gift card' CODEC(ZSTD(3)),
  login_hash        Nullable(String) COMMENT 'hash of the name as typed, also of unknown accounts' CODEC(ZSTD(3)),
  lat               Nullable(Float64) COMMENT 'latitude of the address' CODEC(ZSTD(3)),
  lon               Nullable(Float64) COMMENT 'longitude of the address' CODEC(ZSTD(3)),
  numbers           Map(LowCardinality(String), Int64) COMMENT 'further fields with whole numbers, by name; true and false are 1 and 0; absent is no key' CODEC(ZSTD(3)),
  texts             Map(LowCardinality(String), String) COMMENT 'further fields with text, by name; absent is no key' CODEC(ZSTD(3)),
  attributes        Map(LowCardinality(String), String) COMMENT 'what the vocabulary lacks, under the sender''s names; no rule reads it' CODEC(ZSTD(3)),
  -- An event by its id, a refund's sale by its id. Not card_token: with a bloom filter on it its projection lies idle.
  INDEX event_id_bloom event_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX sale_id_bloom sale_id TYPE bloom_filter(0.01) GRANULARITY 1,
  -- "What came in since": parts hold neighbours in time of receipt.
  INDEX received_span received_ts TYPE minmax GRANULARITY 1,
  -- A card's or a cashier's last events, when no store is given: row numbers sorted by them, no second copy of rows.
  PROJECTION by_card (SELECT _part_offset ORDER BY (card_token, ts)),
  PROJECTION by_cashier (SELECT _part_offset ORDER BY (cashier_id, ts))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (merchant_id, store_id, ts, event_id)
TTL toDateTime(greatest(ts, received_ts)) + INTERVAL 400 DAY
SETTINGS
  -- A file of the spool that is sent twice counts once. Blocks, not rows.
  non_replicated_deduplication_window = 10000,
  -- The spool's file is removed after the answer, so the answer must mean "on disk".
  fsync_after_insert = 1,
  fsync_part_directory = 1,
  -- Without it a DELETE is refused on a table with projections.
  lightweight_mutation_projection_mode = 'rebuild',
  -- The projections sort by columns that may be NULL.
  allow_nullable_key = 1
