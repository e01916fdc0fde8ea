-- What detectors said. Written by detectors only; alerts mark what they took. The id follows from the content.
CREATE TABLE tillwatch.finding (
  merchant_id text NOT NULL,
  id text NOT NULL,
  detection text NOT NULL,
  subject text NOT NULL,
  level text NOT NULL,
  -- The instant at which it fired, UTC ms.
  ts bigint NOT NULL,
  late boolean NOT NULL,
  -- The finding as a whole, evidence included.
  payload jsonb NOT NULL,
  created_at bigint NOT NULL,
  -- When alerts took it, UTC ms; null until then.
  taken_at bigint,
  PRIMARY KEY (merchant_id, id)
);

CREATE INDEX finding_untaken ON tillwatch.finding (created_at, id) WHERE taken_at IS NULL;
CREATE INDEX finding_recent ON tillwatch.finding (merchant_id, ts DESC, id);
