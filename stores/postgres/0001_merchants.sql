-- The businesses and what belongs to them. Written by the command line, the API and, for what was only seen in an event
-- (`confirmed` false), by ingest. Rows live until the merchant leaves. merchant_id is first in every key, so that no
-- query and no reference crosses a merchant by accident. Times are UTC milliseconds.
CREATE SCHEMA IF NOT EXISTS tillwatch;

CREATE TABLE tillwatch.merchant (
  id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  zone       text NOT NULL,
  currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  language   text NOT NULL CHECK (length(language) BETWEEN 2 AND 35),
  emails     jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(emails) = 'array'),
  is_demo    boolean NOT NULL DEFAULT false,
  created_at bigint NOT NULL
);
COMMENT ON TABLE tillwatch.merchant IS 'A business: the unit of isolation.';
COMMENT ON COLUMN tillwatch.merchant.zone IS 'tz database name; stores without their own use it';
COMMENT ON COLUMN tillwatch.merchant.currency IS 'ISO 4217';
COMMENT ON COLUMN tillwatch.merchant.language IS 'BCP 47 tag of mails and pages';
COMMENT ON COLUMN tillwatch.merchant.emails IS 'addresses that receive alert mail';
COMMENT ON COLUMN tillwatch.merchant.is_demo IS 'fed by the simulator; its mail never leaves the outbox';

CREATE TABLE tillwatch.store (
  merchant_id   text NOT NULL REFERENCES tillwatch.merchant (id),
  id            text NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
  name          text NOT NULL CHECK (length(name) <= 200),
  zone          text NOT NULL,
  currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  lat           double precision CHECK (lat BETWEEN -90 AND 90),
  lon           double precision CHECK (lon BETWEEN -180 AND 180),
  opening_hours jsonb,
  confirmed     boolean NOT NULL DEFAULT false,
  PRIMARY KEY (merchant_id, id)
);
COMMENT ON TABLE tillwatch.store IS 'A shop of a merchant.';
COMMENT ON COLUMN tillwatch.store.id IS 'the sender''s own name for it';
COMMENT ON COLUMN tillwatch.store.opening_hours IS 'seven entries, Monday first: {from, to} in minutes after local midnight, or null when closed; null = not said';
COMMENT ON COLUMN tillwatch.store.confirmed IS 'false: seen in an event only';

CREATE TABLE tillwatch.terminal (
  merchant_id text NOT NULL REFERENCES tillwatch.merchant (id),
  id          text NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
  store_id    text,
  name        text NOT NULL CHECK (length(name) <= 200),
  confirmed   boolean NOT NULL DEFAULT false,
  PRIMARY KEY (merchant_id, id),
  FOREIGN KEY (merchant_id, store_id) REFERENCES tillwatch.store (merchant_id, id)
);
COMMENT ON TABLE tillwatch.terminal IS 'A till or card reader.';
COMMENT ON COLUMN tillwatch.terminal.id IS 'the sender''s own name for it';

CREATE TABLE tillwatch.staff (
  merchant_id text NOT NULL REFERENCES tillwatch.merchant (id),
  cashier_id  text NOT NULL CHECK (length(cashier_id) BETWEEN 1 AND 128),
  name        text NOT NULL CHECK (length(name) <= 200),
  role        text NOT NULL CHECK (length(role) <= 64),
  active      boolean NOT NULL DEFAULT true,
  confirmed   boolean NOT NULL DEFAULT false,
  PRIMARY KEY (merchant_id, cashier_id)
);
COMMENT ON TABLE tillwatch.staff IS 'People at the tills.';
COMMENT ON COLUMN tillwatch.staff.active IS 'false: has left; activity under this id is worth a look';
COMMENT ON COLUMN tillwatch.staff.confirmed IS 'false: seen in an event only';
