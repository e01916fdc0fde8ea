-- How far the detectors have judged each merchant's events; saved in one transaction with the findings.
CREATE TABLE tillwatch.position (
  merchant_id text PRIMARY KEY,
  -- Every instant up to here was judged, UTC ms.
  instant bigint NOT NULL,
  -- Every event received up to here that happened at or before the instant was judged, UTC ms.
  received_ts bigint NOT NULL,
  updated_at bigint NOT NULL
);
