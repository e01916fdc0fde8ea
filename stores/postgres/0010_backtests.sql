-- Questions to history: what was asked, how far it is, what came out. The newest of a merchant are kept.
CREATE TABLE tillwatch.backtest (
  merchant_id text   NOT NULL REFERENCES tillwatch.merchant (id),
  id          text   NOT NULL,
  state       text   NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  asked_by    text   NOT NULL,
  request     jsonb  NOT NULL,
  progress    double precision NOT NULL DEFAULT 0,
  doing       text   NOT NULL DEFAULT '',
  report      jsonb,
  error       text,
  created_at  bigint NOT NULL,
  finished_at bigint,
  PRIMARY KEY (merchant_id, id),
  CHECK ((state = 'done') = (report IS NOT NULL))
);

CREATE INDEX backtest_newest ON tillwatch.backtest (merchant_id, created_at DESC, id DESC);
