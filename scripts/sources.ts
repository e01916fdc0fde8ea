// Command line for connectors: what exists, and what one delivery would become. It opens no store and starts nothing.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkEvent } from "../core/check-event.ts";
import type { Delivery, Fact, Translation } from "../core/delivery.ts";
import { SOURCE_KINDS, type SourceKind } from "../core/merchant.ts";
import { SOURCES } from "../ingest/catalogue.ts";

const HELP = `usage: npm run --silent sources -- VERB …

  list
      The sources that exist, one JSON value.
  translate --kind KIND --secret SECRET|- --url URL --headers FILE --body FILE [--now MS]
      Verifies and translates one delivery and prints one JSON value. Nothing is stored.
      KIND      ${SOURCE_KINDS.join(", ")}
      SECRET    the signing secret; - reads it from standard input
      URL       the address as registered at the provider (Square signs it)
      HEADERS   a JSON object, or lines of "Name: value"
      BODY      the raw bytes
      MS        judge stale times by this UTC time in ms instead of the clock

Exit: 0 done, 1 the delivery is refused, 2 wrong use.`;

class WrongUse extends Error {}

type Answer = { exit: 0 | 1; value: unknown };

function main(args: readonly string[]): Answer {
  const [verb, ...rest] = args;
  if (verb === "list") return { exit: 0, value: list() };
  if (verb === "translate") return translate(rest);
  throw new WrongUse(verb === undefined ? "Name a verb." : `There is no verb ${verb}.`);
}

function list() {
  return SOURCE_KINDS.map((kind) => ({ kind, about: SOURCES[kind].about }));
}

const OPTIONS = {
  kind: { type: "string" },
  secret: { type: "string" },
  url: { type: "string" },
  headers: { type: "string" },
  body: { type: "string" },
  now: { type: "string" },
  json: { type: "boolean" },
} as const;

function translate(args: readonly string[]): Answer {
  const { kind, secret, delivery, nowMs } = readOptions(args);
  const { source } = SOURCES[kind];
  const verdict = source.verify(delivery, [secret], nowMs);
  if (!verdict.ok) return refused(verdict.code, "the signature was not accepted");
  return answerOf(source.translate(delivery), nowMs);
}

function readOptions(args: readonly string[]) {
  const { values } = parse(args);
  const { kind, secret, url, headers, body, now } = values;
  if (kind === undefined || !(SOURCE_KINDS as readonly string[]).includes(kind))
    throw new WrongUse(`--kind: one of ${SOURCE_KINDS.join(", ")}`);
  if (!secret || !headers || !body)
    throw new WrongUse("--secret, --headers and --body are needed.");
  if (now !== undefined && !/^\d+$/.test(now)) throw new WrongUse("--now: UTC milliseconds");
  const delivery: Delivery = {
    url: url ?? "",
    headers: readHeaders(read(headers).toString("utf8")),
    body: read(body),
  };
  return {
    kind: kind as SourceKind,
    secret: secret === "-" ? readFileSync(0, "utf8").trim() : secret,
    delivery,
    nowMs: now === undefined ? Date.now() : Number(now),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false });
  } catch (fault) {
    throw new WrongUse((fault as Error).message);
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch {
    throw new WrongUse(`${file}: cannot be read.`);
  }
}

function readHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  if (text.trimStart().startsWith("{")) {
    for (const [name, value] of Object.entries(parseJson(text)))
      headers[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : String(value);
    return headers;
  }
  for (const line of text.split(/\r?\n/)) {
    const cut = line.indexOf(":");
    if (cut > 0) headers[line.slice(0, cut).trim().toLowerCase()] = line.slice(cut + 1).trim();
  }
  return headers;
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new WrongUse("--headers: neither a JSON object nor lines of Name: value");
  }
}

function answerOf(translation: Translation, nowMs: number): Answer {
  switch (translation.outcome) {
    case "refused":
      return refused("translation_failed", translation.detail);
    case "ignored":
      return { exit: 0, value: { outcome: "ignored", type: translation.type } };
    case "ask": {
      const { type, object } = translation;
      return { exit: 0, value: { outcome: "ask", type, object } };
    }
    case "events":
      return eventsAnswer(translation.facts, nowMs);
  }
}

/** The same check as at the door, so that a quarantined event shows here too. */
function eventsAnswer(facts: readonly Fact[], nowMs: number): Answer {
  const events: unknown[] = [];
  for (const { fact_key, draft } of facts) {
    const checked = checkEvent(draft, { nowMs, merchantId: draft.merchant_id ?? "" });
    if (!checked.ok) return refused(checked.reason, checked.detail);
    events.push({ ...checked.draft, fact_key });
  }
  return { exit: 0, value: { outcome: "events", events } };
}

function refused(code: string, detail: string): Answer {
  return { exit: 1, value: { outcome: "refused", code, detail } };
}

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  console.log(HELP);
} else {
  try {
    const { exit, value } = main(args);
    console.log(JSON.stringify(value));
    process.exitCode = exit;
  } catch (fault) {
    if (!(fault instanceof WrongUse)) throw fault;
    console.error(`${fault.message}\n\n${HELP}`);
    process.exitCode = 2;
  }
}
