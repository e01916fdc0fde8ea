-- Keys of machines. Written by the command line and the API; the key itself is shown once and stored as SHA-256 only.
-- Revoked and expired rows stay, so that the audit log keeps its subjects.
CREATE TABLE tillwatch.api_key (
  id           text PRIMARY KEY,
  merchant_id  text NOT NULL REFERENCES tillwatch.merchant (id),
  hash         text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  scopes       jsonb NOT NULL CHECK (jsonb_typeof(scopes) = 'array'),
  created_at   bigint NOT NULL,
  expires_at   bigint,
  last_used_at bigint,
  revoked_at   bigint
);
CREATE INDEX api_key_merchant ON tillwatch.api_key (merchant_id, id);
COMMENT ON TABLE tillwatch.api_key IS 'A machine''s right to one merchant.';
COMMENT ON COLUMN tillwatch.api_key.id IS 'public part of the key';
COMMENT ON COLUMN tillwatch.api_key.hash IS 'SHA-256 of the random part';
COMMENT ON COLUMN tillwatch.api_key.expires_at IS 'UTC ms; null = does not expire';
COMMENT ON COLUMN tillwatch.api_key.last_used_at IS 'to the minute, so that a busy key does not write a row per request';
