-- Signed heads of the audit log's chains: who holds the database's password, but not the key, cannot write another history
-- up to them. Written hourly, at a stop and for each export.
CREATE TABLE tillwatch.audit_signature (
  chain      text NOT NULL,
  seq        bigint NOT NULL CHECK (seq > 0),
  hash       text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  at         bigint NOT NULL,
  public_key text NOT NULL CHECK (public_key ~ '^[0-9a-f]{64}$'),
  signature  text NOT NULL CHECK (signature ~ '^[0-9a-f]{128}$'),
  PRIMARY KEY (chain, seq, public_key)
);
COMMENT ON TABLE tillwatch.audit_signature IS 'The newest row of a chain at a time, signed with Ed25519; never changed.';
COMMENT ON COLUMN tillwatch.audit_signature.chain IS 'the merchant''s id, or service';
COMMENT ON COLUMN tillwatch.audit_signature.public_key IS 'the key that it was signed with, 32 bytes in hex';
COMMENT ON COLUMN tillwatch.audit_signature.signature IS 'over the JSON list ["tillwatch-audit-head-1", chain, seq, hash, at]';

CREATE TRIGGER audit_signature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tillwatch.audit_signature
  FOR EACH STATEMENT EXECUTE FUNCTION tillwatch.refuse_audit_change();
