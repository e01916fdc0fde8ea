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

-- How much may be told. No row: the defaults of core/noise.ts.
CREATE TABLE tillwatch.noise_setting (
  merchant_id     text PRIMARY KEY REFERENCES tillwatch.merchant (id),
  alerts_a_week   integer NOT NULL CHECK (alerts_a_week BETWEEN 0 AND 100000),
  mails_an_hour   integer NOT NULL CHECK (mails_an_hour BETWEEN 1 AND 100000),
  set_at          bigint NOT NULL
);
COMMENT ON TABLE tillwatch.noise_setting IS 'Merchants whose noise budget is not the default';

ALTER TABLE tillwatch.alert ADD COLUMN store_id text;
ALTER TABLE tillwatch.alert ADD COLUMN told_at bigint;
ALTER TABLE tillwatch.alert ADD COLUMN held_at bigint;
UPDATE tillwatch.alert a SET
  store_id = body->>'store_id',
  told_at = (SELECT min(created_at) FROM tillwatch.mail m WHERE m.merchant_id = a.merchant_id AND m.alert_id = a.id);
UPDATE tillwatch.alert SET body = body || jsonb_build_object('told_at', told_at, 'held_at', NULL, 'held_why', NULL);
CREATE INDEX alert_told ON tillwatch.alert (merchant_id, told_at) WHERE told_at IS NOT NULL;
CREATE INDEX alert_held ON tillwatch.alert (merchant_id, held_at) WHERE held_at IS NOT NULL;

-- held: over the recipient's hour; one mail tells of all of them, and settles them.
ALTER TABLE tillwatch.mail DROP CONSTRAINT mail_state_check;
ALTER TABLE tillwatch.mail ADD CONSTRAINT mail_state_check
  CHECK (state IN ('queued', 'claimed', 'ending', 'accepted', 'refused', 'maybe', 'local', 'held'));
CREATE INDEX mail_held ON tillwatch.mail (created_at) WHERE state = 'held' AND settled_at IS NULL;
CREATE INDEX mail_of_recipient ON tillwatch.mail (merchant_id, recipient, created_at);

-- When a digest was last looked at (the merchant's own day) and last sent; and who wants none.
CREATE TABLE tillwatch.digest (
  merchant_id text PRIMARY KEY REFERENCES tillwatch.merchant (id),
  day         text NOT NULL CHECK (day ~ '^\d{4}-\d{2}-\d{2}$'),
  sent_at     bigint NOT NULL
);
COMMENT ON COLUMN tillwatch.digest.day IS 'the merchant''s local day that was looked at last';
COMMENT ON COLUMN tillwatch.digest.sent_at IS 'what came after it belongs to the next digest';
CREATE TABLE tillwatch.digest_off (
  merchant_id text   NOT NULL REFERENCES tillwatch.merchant (id),
  recipient   text   NOT NULL CHECK (recipient = lower(recipient)),
  at          bigint NOT NULL,
  PRIMARY KEY (merchant_id, recipient)
);
