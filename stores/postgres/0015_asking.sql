-- Providers that must be asked for what they do not send. Written by ingest and by the command line. The row is the truth,
-- a job only wakes: who asks takes the claim first, and saves the cursor only after what was answered is on disk.
ALTER TABLE tillwatch.source ADD COLUMN token text;
ALTER TABLE tillwatch.source ADD COLUMN ask_host text CHECK (length(ask_host) <= 253);
ALTER TABLE tillwatch.source ADD COLUMN last_error text CHECK (length(last_error) <= 500);
ALTER TABLE tillwatch.source ADD COLUMN last_error_at bigint;
COMMENT ON COLUMN tillwatch.source.last_error IS 'why a delivery was last refused, in words for the shop''s owner';
COMMENT ON COLUMN tillwatch.source.token IS 'what the provider''s API is asked with; sealed, opens only with SEAL_KEY and this row''s id';
COMMENT ON COLUMN tillwatch.source.ask_host IS 'which of the provider''s own hosts is asked; null: the first that it has';

CREATE TABLE tillwatch.asking (
  merchant_id   text NOT NULL,
  source_id     text NOT NULL,
  what          text NOT NULL CHECK (length(what) BETWEEN 1 AND 200),
  once          boolean NOT NULL,
  cursor        text CHECK (length(cursor) <= 65536),
  wanted        integer NOT NULL DEFAULT 1,
  next_at       bigint NOT NULL,
  claim         text,
  claimed_until bigint NOT NULL DEFAULT 0,
  last_ok_at    bigint,
  last_error    text CHECK (length(last_error) <= 500),
  last_error_at bigint,
  failures      integer NOT NULL DEFAULT 0,
  created_at    bigint NOT NULL,
  PRIMARY KEY (merchant_id, source_id, what),
  FOREIGN KEY (merchant_id, source_id) REFERENCES tillwatch.source (merchant_id, id) ON DELETE CASCADE
);
CREATE INDEX asking_due ON tillwatch.asking (next_at);
COMMENT ON TABLE tillwatch.asking IS 'What a provider is asked for: again and again, or once.';
COMMENT ON COLUMN tillwatch.asking.what IS 'a list such as transactions, or an object that a delivery named, such as checkout:1234';
COMMENT ON COLUMN tillwatch.asking.cursor IS 'how far it was read, in the source''s own words; null: not yet';
COMMENT ON COLUMN tillwatch.asking.wanted IS 'counts how often an object was named, so that one named again while it is asked for is asked for again';
COMMENT ON COLUMN tillwatch.asking.last_error IS 'in words for the shop''s owner, without secrets; null after a success';
