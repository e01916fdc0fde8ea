-- How long a merchant's rows live, and what was erased on somebody's request. Written by the command line in a running
-- service. The erased value itself is kept nowhere: only a keyed hash, so that the same request is known again.
CREATE TABLE tillwatch.retention (
  merchant_id text PRIMARY KEY REFERENCES tillwatch.merchant (id),
  days        integer NOT NULL CHECK (days BETWEEN 1 AND 400),
  set_at      bigint NOT NULL,
  applied_at  bigint
);
COMMENT ON TABLE tillwatch.retention IS 'Merchants whose rows live less long than the 400 days of the tables.';
COMMENT ON COLUMN tillwatch.retention.applied_at IS 'when older rows were last removed';

CREATE TABLE tillwatch.erasure (
  id          text PRIMARY KEY,
  merchant_id text NOT NULL REFERENCES tillwatch.merchant (id),
  field       text NOT NULL,
  value_hash  text NOT NULL CHECK (value_hash ~ '^[0-9a-f]{64}$'),
  reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  actor       text NOT NULL,
  at          bigint NOT NULL,
  events      bigint NOT NULL,
  deliveries  bigint NOT NULL,
  quarantine  bigint NOT NULL,
  findings    bigint NOT NULL
);
CREATE INDEX erasure_by_merchant ON tillwatch.erasure (merchant_id, at);
COMMENT ON TABLE tillwatch.erasure IS 'What was removed on a data subject''s request: how many rows, never the value.';
COMMENT ON COLUMN tillwatch.erasure.value_hash IS 'HMAC-SHA256 of merchant, field and value';
