-- Sign-in links and browser sessions. Tokens are stored as SHA-256 only. Rows past their time are deleted after 30 days.
CREATE TABLE tillwatch.sign_in_link (
  hash       text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
  account_id text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  spent_at   bigint
);
COMMENT ON TABLE tillwatch.sign_in_link IS 'One way in, once, within an hour.';

CREATE TABLE tillwatch.session (
  id           text PRIMARY KEY,
  hash         text NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$'),
  account_id   text NOT NULL,
  created_at   bigint NOT NULL,
  last_seen_at bigint NOT NULL,
  expires_at   bigint NOT NULL,
  ended_at     bigint,
  address      text
);
COMMENT ON TABLE tillwatch.session IS 'A signed-in browser.';
COMMENT ON COLUMN tillwatch.session.id IS 'public name, for the audit log and form tokens; not the cookie';
COMMENT ON COLUMN tillwatch.session.expires_at IS 'end of its absolute life; idle time is judged by last_seen_at';
