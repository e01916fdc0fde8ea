// What `npm run new` writes: one small, working example of each thing that people add, and what is left to do by hand.

/** Paths are relative to the root of the repository. */
export type NewFiles = { files: { path: string; text: string }[]; todo: string[] };

/** What a template may look at: a fresh UUID, and the names that a folder holds already. */
export type Around = { uuid(): string; list(folder: string): string[] };

export const KINDS = ["rule", "source", "migration"] as const;
export type Kind = (typeof KINDS)[number];

const snake = (name: string) => name.replaceAll("-", "_");
const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const words = (name: string) =>
  `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll("-", " ")}`;

/** In: a kind, and its name: `refunds/refund-at-night` for a rule, `postgres/notes` for a migration. Throws for a wrong one. */
export function newFiles(kind: Kind, name: string, around: Around): NewFiles {
  const [first = "", second] = name.split("/");
  const bare = second ?? first;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*(\/[a-z][a-z0-9]*(-[a-z0-9]+)*)?$/.test(name)) {
    throw new Error(`"${name}" is not in kebab-case.`);
  }
  if (kind === "source") {
    if (second !== undefined)
      throw new Error("A source has a plain name: npm run new source adyen");
    return source(bare);
  }
  if (second === undefined) {
    const example = kind === "rule" ? "rule refunds/refund-at-night" : "migration postgres/notes";
    throw new Error(`Say in which folder: npm run new ${example}`);
  }
  return kind === "rule" ? rule(first, bare, around) : migration(first, bare, around);
}

function rule(group: string, name: string, { uuid }: Around): NewFiles {
  const refund = (at: string, id: string, amount: number) =>
    `{ at: ${at}, event_type: refund, event_id: ${id}, cashier_id: c1, amount: ${amount}, currency: EUR }`;
  const text = `title: ${words(name)}
id: ${uuid()}
name: ${snake(name)}_event
logsource: { product: tillwatch, category: refund }
detection:
  selection:
    amount|gte: 10000
  condition: selection
---
title: ${words(name)}
id: ${uuid()}
name: ${snake(name)}
description: Say in one sentence what somebody gains by this, for the person who reads the alert.
status: experimental
level: medium
correlation:
  type: event_count
  rules: [${snake(name)}_event]
  group-by: [cashier_id]
  timespan: 24h
  condition: { gte: 3 }
tillwatch:
  detection: ${name}
  version: 1
  mode: shadow
  subject: { type: cashier, field: cashier_id }
  money: { field: amount, take: sum }
  explain: "{value} refunds of 100.00 or more by {cashier_id} within 24 hours, {money} in all. Unusual: look at this."
  counterfactual: Would not fire at {below} such refunds.
  do_now: [Look at the receipts.]
  else_explains: [A return after a sale]
  tests:
    - name: the third one
      kind: positive
      events:
        - ${refund("0ms", "e1", 10_000)}
        - ${refund("1h", "e2", 10_000)}
        - ${refund("2h", "e3", 10_000)}
      expect: [{ at: 2h, subject: "cashier:c1", level: medium }]
    - name: the third one a millisecond late
      kind: boundary
      events:
        - ${refund("0ms", "e1", 10_000)}
        - ${refund("1h", "e2", 10_000)}
        - ${refund("86400001ms", "e3", 10_000)}
      expect: []
    - name: three small ones
      kind: negative
      events:
        - ${refund("0ms", "e1", 9_999)}
        - ${refund("1h", "e2", 9_999)}
        - ${refund("2h", "e3", 9_999)}
      expect: []
`;
  return {
    files: [{ path: `detectors/rules/${group}/${name}.yml`, text }],
    todo: [
      `add "${group}/${name}" to RULE_FILES in detectors/catalogue.ts`,
      "npm run test:unit detectors && npm run docs",
    ],
  };
}

function source(name: string): NewFiles {
  const id = camel(name);
  const text = `// ${words(name)}: how its webhooks are signed, and what each means to us.
import type { Delivery, Source, Translation, VerifyResult } from "../../core/delivery.ts";
import { hmacSha256, sameBytes } from "../../core/signature.ts";

export const ${id}: Source = { id: "${name}", verify, translate };

/** Compares in constant time, with each secret that is valid now. */
function verify(delivery: Delivery, secrets: readonly string[], _nowMs: number): VerifyResult {
  const given = delivery.headers["x-${name}-signature"];
  if (given === undefined || given === "") return { ok: false, code: "SIGNATURE_MISSING" };
  const fits = secrets.some((secret) =>
    sameBytes(hmacSha256(secret, delivery.body), Buffer.from(given, "base64")),
  );
  return fits ? { ok: true } : { ok: false, code: "SIGNATURE_INVALID" };
}

function translate(_delivery: Delivery): Translation {
  return { account: null, delivery_key: "", live: null, outcome: "refused", detail: "not written yet" };
}
`;
  const test = `import { expect, it } from "vitest";
import { ${id} } from "./${name}.ts";

const delivery = (headers: Record<string, string>) => ({ url: "", headers, body: Buffer.from("{}") });

it.each([
  { name: "no signature", headers: {}, code: "SIGNATURE_MISSING" },
  { name: "a forged one", headers: { "x-${name}-signature": "AAAA" }, code: "SIGNATURE_INVALID" },
])("refuses a delivery with $name", ({ headers, code }) => {
  expect(${id}.verify(delivery(headers), ["a secret"], 0)).toEqual({ ok: false, code });
});

it.todo("gives exactly these events for each recorded delivery");
`;
  return {
    files: [
      { path: `ingest/sources/${name}.ts`, text },
      { path: `ingest/sources/${name}.test.ts`, text: test },
    ],
    todo: [
      `add "${name}" to SOURCE_KINDS in core/merchant.ts, and its line to SOURCES in ingest/catalogue.ts`,
      "record deliveries, scrub them, and test that each gives exactly its events",
    ],
  };
}

function migration(engine: string, name: string, { list }: Around): NewFiles {
  if (engine !== "postgres" && engine !== "clickhouse") {
    throw new Error(
      "A migration is for postgres or for clickhouse: npm run new migration postgres/notes",
    );
  }
  const numbers = list(`stores/${engine}`).map((file) => Number(/^(\d{4})_/.exec(file)?.[1] ?? 0));
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, "0");
  const table = snake(name);
  const text =
    engine === "postgres"
      ? `-- What this is. Written by WHO only; rows live HOW LONG.
CREATE TABLE tillwatch.${table} (
  merchant_id text NOT NULL REFERENCES tillwatch.merchant (id),
  id          text NOT NULL,
  PRIMARY KEY (merchant_id, id)
);
`
      : `-- What this is. Written by WHO only; rows live HOW LONG.
CREATE TABLE IF NOT EXISTS ${table} (
  merchant_id String COMMENT 'the business; first in the key, so that no query crosses it by accident',
  ts          DateTime64(3, 'UTC') COMMENT 'when it happened'
)
ENGINE = MergeTree
ORDER BY (merchant_id, ts)
`;
  const inTypes =
    engine === "postgres"
      ? "add the table's type to stores/postgres/tables.ts; a test compares it with the database"
      : "add the table to stores/clickhouse-tables.ts, so that its rows are kept apart by merchant";
  return {
    files: [{ path: `stores/${engine}/${number}_${table}.sql`, text }],
    todo: [inTypes, "never edit it once it ran anywhere: write the next one"],
  };
}
