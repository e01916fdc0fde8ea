// Reads the tests inside a rule file and runs them on the streaming engine.
import { isScalar } from "yaml";
import type { Event, FieldValue } from "../../../core/event.ts";
import { DETAILS, FIELD_SPECS } from "../../../core/event-fields.ts";
import type { Finding } from "../../../core/finding.ts";
import { LEVELS } from "../../../core/level.ts";
import { localTime } from "../../../core/time.ts";
import type { ExpectedFinding, RuleTest, TestEvent } from "../plan.ts";
import { didYouMean } from "./fault.ts";
import {
  entriesOf,
  itemsOf,
  keysOf,
  type Source,
  scalarOf,
  textOf,
  textsOf,
  wholeOf,
  wordOf,
} from "./yaml-source.ts";

const KINDS = ["positive", "negative", "boundary"] as const;

/** The tests of a rule; `expect` is the whole list of its findings. */
export function parseTests(source: Source, node: unknown): RuleTest[] {
  const tests = itemsOf(source, node, "tests").map((item) => {
    const known = ["name", "kind", "events", "expect"];
    const keys = keysOf(source, item, [...known, "lists"], "test");
    for (const name of known) if (!keys.has(name)) source.fault(item, `A test needs "${name}".`);
    const list = (name: string) => listOf(source, keys.get(name), name);
    return {
      name: keys.has("name") ? textOf(source, keys.get("name"), "name") : "",
      kind: keys.has("kind")
        ? (wordOf(source, keys.get("kind"), KINDS, "kind") ?? "positive")
        : "positive",
      events: list("events").map((event) => parseEvent(source, event)),
      expect: list("expect").map((expected) => parseExpected(source, expected)),
      lists: keys.has("lists") ? parseLists(source, keys.get("lists")) : new Map(),
    } satisfies RuleTest;
  });
  for (const kind of ["positive", "negative"] as const) {
    if (!tests.some((test) => test.kind === kind)) source.fault(node, `No ${kind} test is there.`);
  }
  return tests;
}

function parseLists(source: Source, node: unknown): Map<string, string[]> {
  const { lists } = source.vocabulary;
  const entries = entriesOf(source, node, "lists").map(({ key, keyNode, value }) => {
    if (!lists.has(key)) {
      source.fault(keyNode, `There is no list "${key}".${didYouMean(key, lists)}`);
    }
    return [key, textsOf(source, value, key)] as const;
  });
  return new Map(entries);
}

/** Unlike other lists, these may be empty. */
function listOf(source: Source, node: unknown, what: string): unknown[] {
  const items = (node as { items?: unknown[] } | undefined)?.items;
  if (node === undefined || items?.length === 0) return [];
  return itemsOf(source, node, what);
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** As spans, but with room for a month in ms. */
function testTime(text: string): number | undefined {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNITS_MS[match[2] ?? ""] ?? 0);
}

function spanOf(source: Source, node: unknown): number {
  const value = isScalar(node) ? node.value : undefined;
  const ms = typeof value === "string" ? testTime(value) : undefined;
  if (ms === undefined) source.fault(node, "A time is a number with ms, s, m, h or d: 600000ms.");
  return ms ?? 0;
}

function parseEvent(source: Source, node: unknown): TestEvent {
  const event: TestEvent = { atMs: 0, times: 1, everyMs: 0, fields: {} };
  for (const { key, keyNode, value } of entriesOf(source, node, "event")) {
    if (key === "at") event.atMs = spanOf(source, value);
    else if (key === "every") event.everyMs = spanOf(source, value);
    else if (key === "times") event.times = wholeOf(source, value, "times", 1);
    else if (FIELD_SPECS.has(key)) {
      const read = scalarOf(source, value, key);
      if (read !== undefined) event.fields[key] = read;
    } else
      source.fault(keyNode, `There is no field "${key}".${didYouMean(key, FIELD_SPECS.keys())}`);
  }
  if (event.fields.event_type === undefined) source.fault(node, "A test event needs event_type.");
  return event;
}

function parseExpected(source: Source, node: unknown): ExpectedFinding {
  const keys = keysOf(source, node, ["at", "subject", "level"], "expect");
  if (!keys.has("at") || !keys.has("subject")) source.fault(node, "expect needs at and subject.");
  const level = keys.has("level") ? wordOf(source, keys.get("level"), LEVELS, "level") : undefined;
  return {
    atMs: keys.has("at") ? spanOf(source, keys.get("at")) : 0,
    subject: keys.has("subject") ? textOf(source, keys.get("subject"), "subject") : "",
    ...(level === undefined ? {} : { level }),
  };
}

/** A Monday morning in 2026: test times count from here. */
const TEST_START_MS = Date.UTC(2026, 2, 2, 10, 0, 0);

const DEFAULTS: Readonly<Record<string, FieldValue>> = {
  store_id: "s1",
  terminal_id: "t1",
  cashier_id: "k1",
  shift_id: "sh1",
  in_opening_hours: true,
};

/** The events of a test: defaults filled in, `null` takes one away, repeats written out. */
export function testEvents(test: Pick<RuleTest, "events">): Event[] {
  const events: Event[] = [];
  for (const given of test.events) {
    for (let i = 0; i < given.times; i += 1) {
      const ts = TEST_START_MS + given.atMs + i * given.everyMs;
      const id = `e${String(events.length).padStart(6, "0")}`;
      events.push(testEvent(id, ts, given.fields));
    }
  }
  return events;
}

function testEvent(id: string, ts: number, given: TestEvent["fields"]): Event {
  const local = localTime(ts, "UTC");
  const fields: Record<string, FieldValue | null> = {
    event_id: id,
    merchant_id: "m1",
    source: "api",
    ts,
    received_ts: ts,
    ts_local: local,
    local_hour: Number(local.slice(11, 13)),
    business_day: local.slice(0, 10),
    business_month: local.slice(0, 7),
    ...DEFAULTS,
  };
  const money = Object.keys(given).some(
    (name) => name in DETAILS && FIELD_SPECS.get(name)?.kind === "m",
  );
  if (money) fields.currency = "EUR";
  Object.assign(fields, given);
  for (const [name, value] of Object.entries(fields)) if (value === null) delete fields[name];
  return fields as unknown as Event;
}

/** What a test expected and did not get, and the reverse, in words; empty when it passed. */
export function testFaults(test: RuleTest, findings: readonly Finding[]): string[] {
  const got = findings.map((finding) => ({
    key: `${finding.ts - TEST_START_MS}ms ${finding.subject}`,
    level: finding.level,
  }));
  const faults: string[] = [];
  for (const { atMs, subject, level } of test.expect) {
    const key = `${atMs}ms ${subject}`;
    const index = got.findIndex(
      (one) => one.key === key && (level === undefined || one.level === level),
    );
    if (index < 0) faults.push(`missing: ${key} ${level ?? ""}`.trim());
    else got.splice(index, 1);
  }
  return [...faults, ...got.map((one) => `not expected: ${one.key} ${one.level}`)];
}
