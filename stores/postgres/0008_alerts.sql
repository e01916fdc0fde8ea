-- What people see: findings grouped by detection and subject, with a life-cycle. Written by alerts only.
-- The alert itself is `body`; the columns beside it are what lists filter and sort by, set from it on every write.
CREATE TABLE tillwatch.alert (
  merchant_id text   NOT NULL REFERENCES tillwatch.merchant (id),
  id          text   NOT NULL,
  detection   text   NOT NULL,
  subject     text   NOT NULL,
  level       text   NOT NULL CHECK (level IN ('informational', 'low', 'medium', 'high', 'critical')),
  state       text   NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
  label       text   CHECK (label IN ('fraud', 'not_fraud', 'unsure')),
  first_ts    bigint NOT NULL,
  opened_at   bigint NOT NULL,
  body        jsonb  NOT NULL,
  PRIMARY KEY (merchant_id, id),
  CHECK ((state = 'resolved') = (label IS NOT NULL))
);

-- The group that a finding joins. By hash: a subject may be as long as its sender likes.
CREATE INDEX alert_group ON tillwatch.alert (merchant_id, detection, md5(subject), first_ts);
CREATE INDEX alert_newest ON tillwatch.alert (merchant_id, opened_at DESC, id DESC);
CREATE INDEX alert_newest_of_all ON tillwatch.alert (opened_at DESC, id DESC);
