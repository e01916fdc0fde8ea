-- A late event can show that a finding does not hold. It stays, with the event that says so; alerts strike it out once.
ALTER TABLE tillwatch.finding ADD COLUMN withdrawn_at bigint;
ALTER TABLE tillwatch.finding ADD COLUMN withdrawn_by text;
ALTER TABLE tillwatch.finding ADD COLUMN withdrawal_taken boolean NOT NULL DEFAULT false;
CREATE INDEX finding_withdrawn ON tillwatch.finding (withdrawn_at) WHERE withdrawn_at IS NOT NULL AND NOT withdrawal_taken;

-- An alert that is withdrawn is resolved without anybody's label.
ALTER TABLE tillwatch.alert DROP CONSTRAINT alert_check;
ALTER TABLE tillwatch.alert ADD CONSTRAINT alert_label CHECK (label IS NULL OR state = 'resolved');
