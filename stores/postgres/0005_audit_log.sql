-- Who did what. Append-only: each row's hash covers the row and the hash before it, one chain per merchant and one of
-- the service, so that a changed or missing row shows. The trigger stops mistakes; the chain shows intent.
CREATE TABLE tillwatch.audit_head (
  chain text PRIMARY KEY,
  seq   bigint NOT NULL,
  hash  text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE tillwatch.audit_head IS 'The newest row of each chain; locked by each writer, so that a chain never forks.';

CREATE TABLE tillwatch.audit_log (
  chain         text NOT NULL,
  seq           bigint NOT NULL CHECK (seq > 0),
  merchant_id   text,
  actor         text NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
  act           text NOT NULL CHECK (length(act) BETWEEN 1 AND 64),
  subject       text NOT NULL CHECK (length(subject) <= 300),
  at            bigint NOT NULL,
  address       text,
  details       text NOT NULL CHECK (length(details) <= 8192),
  previous_hash text NOT NULL,
  hash          text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  PRIMARY KEY (chain, seq),
  CHECK (chain = coalesce(merchant_id, 'service'))
);
COMMENT ON TABLE tillwatch.audit_log IS 'One act per row, never changed.';
COMMENT ON COLUMN tillwatch.audit_log.chain IS 'the merchant''s id, or service';
COMMENT ON COLUMN tillwatch.audit_log.details IS 'JSON text as it was hashed; no secrets, no card data';
COMMENT ON COLUMN tillwatch.audit_log.hash IS 'SHA-256 over the row as a JSON list, previous_hash first';

CREATE FUNCTION tillwatch.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tillwatch.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION tillwatch.refuse_audit_change();
