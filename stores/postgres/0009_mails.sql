-- Every mail that was ever due, and what became of it. Written by alerts only; the row is the truth, a job only wakes.
-- queued: due. claimed: a worker has it, nothing can have reached the server whole. ending: the last bytes may be on
-- their way. accepted / refused: the server said so. maybe: the sender died while ending, so nobody knows; never sent
-- again by itself. local: it lies here to be read, and goes nowhere.
CREATE TABLE tillwatch.mail (
  merchant_id text   NOT NULL REFERENCES tillwatch.merchant (id),
  id          text   NOT NULL,
  alert_id    text   NOT NULL,
  kind        text   NOT NULL,
  recipient   text   NOT NULL,
  message_id  text   NOT NULL,
  in_reply_to text,
  state       text   NOT NULL CHECK (state IN ('queued', 'claimed', 'ending', 'accepted', 'refused', 'maybe', 'local')),
  claim       text,
  attempts    integer NOT NULL DEFAULT 0,
  subject     text,
  html        text,
  plain       text,
  response    text,
  event_ts    bigint NOT NULL,
  created_at  bigint NOT NULL,
  touched_at  bigint NOT NULL,
  settled_at  bigint,
  PRIMARY KEY (merchant_id, id),
  FOREIGN KEY (merchant_id, alert_id) REFERENCES tillwatch.alert (merchant_id, id)
);

-- One mail per alert, person and state: the id in the header is a hash of the three.
CREATE UNIQUE INDEX mail_once ON tillwatch.mail (message_id);
CREATE INDEX mail_due ON tillwatch.mail (touched_at) WHERE state IN ('queued', 'claimed', 'ending');
CREATE INDEX mail_of_alert ON tillwatch.mail (merchant_id, alert_id);
CREATE INDEX mail_newest ON tillwatch.mail (created_at DESC, id DESC);
