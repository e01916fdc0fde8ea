-- Where detection runs as ticks (TILLWATCH_DETECTION=clickhouse): stretches of event time that have come into ClickHouse
-- and that no tick has judged yet. Whoever stores events adds rows, after ClickHouse has them; the tick that judges
-- them takes them away in the transaction that saves its findings.
CREATE TABLE tillwatch.unjudged (
  seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  merchant_id text   NOT NULL,
  from_ts     bigint NOT NULL,
  to_ts       bigint NOT NULL
);
CREATE INDEX unjudged_by_merchant ON tillwatch.unjudged (merchant_id, seq);

-- One tick a merchant at a time, over all processes. The database's own clock says when a lease has run out.
CREATE TABLE tillwatch.tick_lease (
  merchant_id text        PRIMARY KEY,
  holder      text        NOT NULL,
  until       timestamptz NOT NULL
);
