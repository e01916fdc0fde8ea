-- Links in mails that act without a sign-in: one row a mail and act. The token itself is kept nowhere: it is signed over this row.
CREATE TABLE tillwatch.mail_link (
  id            text   PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
  merchant_id   text   NOT NULL REFERENCES tillwatch.merchant (id),
  mail_id       text   NOT NULL,
  alert_id      text,
  recipient     text   NOT NULL,
  act           text   NOT NULL CHECK (act IN ('acknowledge', 'fraud', 'not_fraud', 'snooze', 'unsubscribe')),
  created_at    bigint NOT NULL,
  expires_at    bigint NOT NULL,
  spent_at      bigint,
  spent_address text,
  UNIQUE (merchant_id, mail_id, act),
  FOREIGN KEY (merchant_id, mail_id) REFERENCES tillwatch.mail (merchant_id, id),
  FOREIGN KEY (merchant_id, alert_id) REFERENCES tillwatch.alert (merchant_id, id),
  CHECK ((act = 'unsubscribe') = (alert_id IS NULL))
);
COMMENT ON TABLE tillwatch.mail_link IS 'Links in mails that act once, and who they were sent to';
COMMENT ON COLUMN tillwatch.mail_link.id IS 'random; the name of the link in its token';

-- A digest speaks of many alerts, or of none.
ALTER TABLE tillwatch.mail ALTER COLUMN alert_id DROP NOT NULL;
