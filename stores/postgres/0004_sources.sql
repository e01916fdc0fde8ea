-- Connections of providers. Written by the command line and the API. Secrets are sealed with AES-256-GCM under SEAL_KEY.
CREATE TABLE tillwatch.source (
  id                text PRIMARY KEY CHECK (id ~ '^src_[0-9A-Z]{26}$'),
  merchant_id       text NOT NULL REFERENCES tillwatch.merchant (id),
  kind              text NOT NULL,
  account           text CHECK (length(account) BETWEEN 1 AND 200),
  account_confirmed boolean NOT NULL DEFAULT false,
  mode              text NOT NULL CHECK (mode IN ('any', 'live', 'test')),
  url               text NOT NULL CHECK (length(url) <= 2000),
  secret            text NOT NULL,
  previous_secret   text,
  previous_until    bigint,
  created_at        bigint NOT NULL,
  UNIQUE (merchant_id, id),
  CHECK ((previous_secret IS NULL) = (previous_until IS NULL)),
  CHECK (account IS NOT NULL OR NOT account_confirmed)
);
COMMENT ON TABLE tillwatch.source IS 'One connection of a provider.';
COMMENT ON COLUMN tillwatch.source.account IS 'the provider''s name for the merchant; proposed by the first delivery until confirmed';
COMMENT ON COLUMN tillwatch.source.mode IS 'which deliveries are taken: live, test or any';
COMMENT ON COLUMN tillwatch.source.url IS 'address the provider posts to, exactly as registered there';
COMMENT ON COLUMN tillwatch.source.secret IS 'sealed; opens only with SEAL_KEY and this row''s id';
