-- Alerts get the states in_progress, snoozed and reopened, and a history: one row a change, written by alerts only.
ALTER TABLE tillwatch.alert DROP CONSTRAINT alert_state_check;
ALTER TABLE tillwatch.alert ADD CONSTRAINT alert_state_check
  CHECK (state IN ('open', 'acknowledged', 'in_progress', 'snoozed', 'reopened', 'resolved'));
ALTER TABLE tillwatch.alert ADD COLUMN snoozed_until bigint;
ALTER TABLE tillwatch.alert ADD CONSTRAINT alert_snooze CHECK ((state = 'snoozed') = (snoozed_until IS NOT NULL));
CREATE INDEX alert_snoozed ON tillwatch.alert (snoozed_until) WHERE state = 'snoozed';

UPDATE tillwatch.alert SET body = '{
  "started_at": null, "started_by": null, "reopened_at": null, "reopened_by": null,
  "snoozed_until": null, "snoozed_by": null, "snooze_reason": null, "hidden_count": 0
}'::jsonb || body;

CREATE TABLE tillwatch.alert_change (
  merchant_id text   NOT NULL REFERENCES tillwatch.merchant (id),
  alert_id    text   NOT NULL,
  seq         integer NOT NULL CHECK (seq > 0),
  act         text   NOT NULL CHECK (act IN ('open', 'escalate', 'acknowledge', 'start', 'snooze', 'wake', 'resolve', 'reopen', 'withdraw')),
  at          bigint NOT NULL,
  actor       text   NOT NULL,
  address     text,
  from_state  text,
  to_state    text   NOT NULL,
  level       text   NOT NULL,
  details     jsonb  NOT NULL,
  PRIMARY KEY (merchant_id, alert_id, seq),
  FOREIGN KEY (merchant_id, alert_id) REFERENCES tillwatch.alert (merchant_id, id)
);
COMMENT ON TABLE tillwatch.alert_change IS 'Every change of an alert, by people and by the service';
COMMENT ON COLUMN tillwatch.alert_change.address IS 'network address that the person came from';

-- What is known of alerts that were there before: opened, looked at, decided.
INSERT INTO tillwatch.alert_change (merchant_id, alert_id, seq, act, at, actor, from_state, to_state, level, details)
SELECT merchant_id, id, row_number() OVER (PARTITION BY merchant_id, id ORDER BY at, rank), act, at, actor, from_state, to_state, level, details
FROM (
  SELECT merchant_id, id, 1 AS rank, 'open' AS act, opened_at AS at, 'service' AS actor,
    NULL AS from_state, 'open' AS to_state, level, '{}'::jsonb AS details
  FROM tillwatch.alert
  UNION ALL
  SELECT merchant_id, id, 2, 'acknowledge', (body->>'acknowledged_at')::bigint, coalesce(body->>'acknowledged_by', 'service'),
    'open', 'acknowledged', level, '{}'::jsonb
  FROM tillwatch.alert WHERE body->>'acknowledged_at' IS NOT NULL
  UNION ALL
  SELECT merchant_id, id, 3, CASE WHEN label IS NULL THEN 'withdraw' ELSE 'resolve' END, (body->>'resolved_at')::bigint,
    coalesce(body->>'resolved_by', 'service'), CASE WHEN body->>'acknowledged_at' IS NULL THEN 'open' ELSE 'acknowledged' END,
    'resolved', level, jsonb_build_object('label', label, 'reason', body->>'reason')
  FROM tillwatch.alert WHERE body->>'resolved_at' IS NOT NULL
) AS known;
