-- What a merchant changed about its rules: modes and knobs, snoozes, list entries, exclusions. Append-only: what is in force is the
-- newest change of each key. The counter is locked by each writer, so that a reader of one number has all up to it.
CREATE TABLE tillwatch.rule_counter (
  merchant_id text   PRIMARY KEY REFERENCES tillwatch.merchant (id),
  seq         bigint NOT NULL
);

CREATE TABLE tillwatch.rule_change (
  merchant_id text   NOT NULL REFERENCES tillwatch.merchant (id),
  seq         bigint NOT NULL CHECK (seq > 0),
  at          bigint NOT NULL,
  actor       text   NOT NULL,
  kind        text   NOT NULL CHECK (kind IN ('settings', 'snooze', 'list', 'exclusion')),
  -- The rule's name; for a snooze its rule and subject, for a list entry its list and value, as JSON
  -- lists; the exclusion's name.
  key         text   NOT NULL,
  value       jsonb  NOT NULL,
  reason      text   NOT NULL,
  PRIMARY KEY (merchant_id, seq)
);

CREATE INDEX rule_change_newest ON tillwatch.rule_change (merchant_id, kind, key, seq DESC);

CREATE FUNCTION tillwatch.refuse_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rule_change is append-only';
END $$;
CREATE TRIGGER rule_change_append_only BEFORE UPDATE ON tillwatch.rule_change
  FOR EACH ROW EXECUTE FUNCTION tillwatch.refuse_rule_change();

-- A finding of a rule in shadow, and one that a snooze or a list entry hid (the change's seq), are stored as taken:
-- no alert sees them.
ALTER TABLE tillwatch.finding ADD COLUMN shadow boolean NOT NULL DEFAULT false;
ALTER TABLE tillwatch.finding ADD COLUMN hidden_by bigint;
CREATE INDEX finding_hidden ON tillwatch.finding (merchant_id, hidden_by) WHERE hidden_by IS NOT NULL;
CREATE INDEX finding_of_rule ON tillwatch.finding (merchant_id, (payload->>'rule'), ts);
