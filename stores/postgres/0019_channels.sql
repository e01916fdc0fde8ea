-- Ways to tell people besides mail, who is told when, and what became of each message. Channels, rules and the on-call
-- list are written by the command line; messages and escalations by alerts only.
CREATE TABLE tillwatch.channel (
  merchant_id  text    NOT NULL REFERENCES tillwatch.merchant (id),
  id           text    NOT NULL,
  kind         text    NOT NULL CHECK (kind IN ('webhook', 'slack', 'teams', 'ntfy', 'sms', 'sink')),
  name         text    NOT NULL,
  address      text    NOT NULL,
  host         text    NOT NULL,
  sealed       text    NOT NULL,
  is_on        boolean NOT NULL,
  created_at   bigint  NOT NULL,
  failures     integer NOT NULL DEFAULT 0,
  paused_until bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (merchant_id, id)
);
COMMENT ON COLUMN tillwatch.channel.address IS 'what may be shown of where it goes; the whole address is in sealed';
COMMENT ON COLUMN tillwatch.channel.sealed IS 'address, secret and templates as JSON, sealed with SEAL_KEY; the id is bound in';
COMMENT ON COLUMN tillwatch.channel.failures IS 'tries in a row that the receiver did not answer well';
COMMENT ON COLUMN tillwatch.channel.paused_until IS 'nothing is sent before, UTC ms: the circuit of this destination';

-- queued: due at due_at. claimed: a worker has it, nothing can have reached the receiver whole. ending: the last bytes
-- may be on their way. accepted / refused: the receiver said so, or we gave up. maybe: nobody knows. local: stays here.
-- The id is a hash of alert, channel and kind, so that none can be due twice.
CREATE TABLE tillwatch.message (
  merchant_id  text    NOT NULL REFERENCES tillwatch.merchant (id),
  id           text    NOT NULL,
  channel_id   text    NOT NULL,
  channel_kind text    NOT NULL,
  alert_id     text,
  kind         text    NOT NULL,
  state        text    NOT NULL CHECK (state IN ('queued', 'claimed', 'ending', 'accepted', 'refused', 'maybe', 'local')),
  claim        text,
  attempts     integer NOT NULL DEFAULT 0,
  note         jsonb,
  response     text,
  event_ts     bigint  NOT NULL,
  created_at   bigint  NOT NULL,
  first_due_at bigint  NOT NULL,
  due_at       bigint  NOT NULL,
  touched_at   bigint  NOT NULL,
  settled_at   bigint,
  PRIMARY KEY (merchant_id, id),
  FOREIGN KEY (merchant_id, alert_id) REFERENCES tillwatch.alert (merchant_id, id)
);
COMMENT ON COLUMN tillwatch.message.note IS 'what it says, kept at the first try so that a later one says the same';
CREATE INDEX message_due ON tillwatch.message (due_at) WHERE state = 'queued';
CREATE INDEX message_held ON tillwatch.message (touched_at) WHERE state IN ('claimed', 'ending');
CREATE INDEX message_of_alert ON tillwatch.message (merchant_id, alert_id);
CREATE INDEX message_newest ON tillwatch.message (merchant_id, created_at DESC, id DESC);

CREATE TABLE tillwatch.routing_rule (
  merchant_id text   NOT NULL REFERENCES tillwatch.merchant (id),
  id          text   NOT NULL,
  body        jsonb  NOT NULL,
  created_at  bigint NOT NULL,
  PRIMARY KEY (merchant_id, id)
);
COMMENT ON TABLE tillwatch.routing_rule IS 'who is told of which alerts; none for a merchant: mail to its addresses';

CREATE TABLE tillwatch.on_call (
  merchant_id text PRIMARY KEY REFERENCES tillwatch.merchant (id),
  body        jsonb  NOT NULL,
  set_at      bigint NOT NULL
);
COMMENT ON TABLE tillwatch.on_call IS 'whom to tell next while nobody acknowledges, in order';

CREATE TABLE tillwatch.escalation (
  merchant_id text    NOT NULL REFERENCES tillwatch.merchant (id),
  alert_id    text    NOT NULL,
  step        integer NOT NULL,
  due_at      bigint  NOT NULL,
  ended_at    bigint,
  PRIMARY KEY (merchant_id, alert_id),
  FOREIGN KEY (merchant_id, alert_id) REFERENCES tillwatch.alert (merchant_id, id)
);
COMMENT ON COLUMN tillwatch.escalation.step IS 'the place in the on-call list that is told at due_at, unless somebody acknowledges';
CREATE INDEX escalation_due ON tillwatch.escalation (due_at) WHERE ended_at IS NULL;
