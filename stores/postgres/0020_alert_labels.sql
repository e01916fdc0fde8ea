-- What is known of alerts: a person's verdicts, and what providers reported of their payments. Rows are added, never changed.
CREATE TABLE tillwatch.alert_label (
  merchant_id text   NOT NULL REFERENCES tillwatch.merchant (id),
  alert_id    text   NOT NULL,
  seq         bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  kind        text   NOT NULL CHECK (kind IN ('verdict', 'chargeback', 'warning')),
  actor       text   NOT NULL,
  label       text   CHECK (label IN ('fraud', 'not_fraud', 'unsure')),
  known_at    bigint NOT NULL,
  event_id    text,
  about       text,
  reason_code text,
  PRIMARY KEY (merchant_id, alert_id, seq),
  FOREIGN KEY (merchant_id, alert_id) REFERENCES tillwatch.alert (merchant_id, id),
  CHECK (kind = 'verdict' OR (label IS NOT NULL AND event_id IS NOT NULL AND about IS NOT NULL))
);
COMMENT ON COLUMN tillwatch.alert_label.label IS 'null: the person took the verdict back';
COMMENT ON COLUMN tillwatch.alert_label.known_at IS 'when we learnt it, UTC ms; it counts for nothing before';
COMMENT ON COLUMN tillwatch.alert_label.event_id IS 'the event that brought a provider''s word';
COMMENT ON COLUMN tillwatch.alert_label.about IS 'the payment or card that the provider spoke of';

-- A dispute goes through states, each an event: the same word about the same payment is kept once, its first time.
CREATE UNIQUE INDEX alert_label_once ON tillwatch.alert_label (merchant_id, alert_id, kind, md5(about), label)
  WHERE kind <> 'verdict';
-- "Alerts of these weeks", for precision.
CREATE INDEX alert_first ON tillwatch.alert (merchant_id, first_ts);

INSERT INTO tillwatch.alert_label (merchant_id, alert_id, kind, actor, label, known_at)
SELECT merchant_id, alert_id, 'verdict', actor, CASE WHEN act = 'resolve' THEN details->>'label' END, at
FROM tillwatch.alert_change WHERE act = 'reopen' OR (act = 'resolve' AND details->>'label' IS NOT NULL)
ORDER BY merchant_id, alert_id, seq;

-- Up to where a merchant's disputes were looked at.
CREATE TABLE tillwatch.label_position (
  merchant_id text   PRIMARY KEY REFERENCES tillwatch.merchant (id),
  received_ts bigint NOT NULL
);
COMMENT ON COLUMN tillwatch.label_position.received_ts IS 'disputes that were received before it have their labels, UTC ms';
