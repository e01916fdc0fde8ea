// Reads the words of `npm run simulate -- …` into what is to be done; every mistake gets a sentence that helps.
import { parseArgs } from "node:util";
import { AppError } from "../../core/errors.ts";
import { ATTACKS } from "./attacks.ts";

export const HELP = `simulate: a made-up shop whose events, honest and not, are like a real one's

  npm run --silent simulate -- list [--json]
      names every attack and the detection that should notice it
  npm run --silent simulate -- write --out FILE.ndjson [--labels LABELS.ndjson] [--seed N] [--stores 3]
      [--days 7] [--from 2026-11-02] [--attack ID ...] [--heartbeat 60] [--json]
      writes days of a chain as one JSON event a line; --labels gets one line per attack event
      --attack may be repeated; "all" or "none" (the default) stand for themselves; --out - is standard output
  npm run --silent simulate -- stream --url http://localhost:8080 --key tw_... [--seed N] [--speed 1]
      [--attack ID ...] [--attack-every 240] [--seconds N]
      lets a shop trade in real time and posts its events to /v1/events; --key - reads the key from standard input
  npm run --silent simulate -- --help

Exit: 0 done, 1 refused or failed, 2 wrong use.`;

export type Command =
  | { verb: "help" }
  | { verb: "list"; json: boolean }
  | {
      verb: "write";
      seed: string;
      stores: number;
      fromMs: number;
      days: number;
      attacks: string[];
      heartbeatMs: number;
      out: string;
      labels: string | undefined;
      json: boolean;
    }
  | {
      verb: "stream";
      url: string;
      key: string;
      seed: string;
      speed: number;
      attacks: string[];
      attackEveryMs: number;
      seconds: number | undefined;
    };

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  seed: { type: "string", default: "1" },
  stores: { type: "string", default: "3" },
  days: { type: "string", default: "7" },
  from: { type: "string", default: "2026-11-02" },
  attack: { type: "string", multiple: true },
  "attack-every": { type: "string", default: "240" },
  heartbeat: { type: "string", default: "60" },
  out: { type: "string" },
  labels: { type: "string" },
  url: { type: "string" },
  key: { type: "string" },
  speed: { type: "string", default: "1" },
  seconds: { type: "string" },
} as const;

const wrongUse = (words: string) => new AppError("REQUEST_INVALID", words);

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw wrongUse(error instanceof Error ? error.message : "The options could not be read.");
  }
}

type Range = { from: number; to: number; whole?: boolean };

function numberOf(name: string, text: string, range: Range): number {
  const value = Number(text);
  const fits = text.trim() !== "" && value >= range.from && value <= range.to;
  if (fits && (range.whole !== true || Number.isInteger(value))) return value;
  const kind = range.whole === true ? "a whole number" : "a number";
  throw wrongUse(`--${name} must be ${kind} from ${range.from} to ${range.to}.`);
}

function needed(name: string, value: string | undefined): string {
  if (value === undefined || value === "") throw wrongUse(`--${name} is needed.`);
  return value;
}

/** A seed becomes part of every event id, so its letters and length are bounded. */
function seedOf(text: string): string {
  if (/^[A-Za-z0-9_.]{1,20}$/.test(text)) return text;
  throw wrongUse("--seed must be 1 to 20 letters, digits, _ or full stops.");
}

function attacksOf(given: readonly string[], whenNone: readonly string[]): string[] {
  if (given.length === 0) return [...whenNone];
  if (given.includes("none")) return [];
  const known = ATTACKS.map(({ id }) => id);
  if (given.includes("all")) return known;
  for (const id of given) {
    if (!known.includes(id)) {
      throw wrongUse(`There is no attack "${id}". "simulate -- list" names all of them.`);
    }
  }
  return [...given];
}

function dayOf(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const valid = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
  if (valid && ms >= Date.UTC(2000, 0, 2) && ms < Date.UTC(2100, 0, 1)) return ms;
  throw wrongUse("--from must be a day such as 2026-11-02, from 2000 to 2099.");
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return text;
  throw wrongUse("--url must be an http or https address.");
}

/** What the words after `simulate --` ask for. Throws REQUEST_INVALID with a sentence for the person who typed them. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [verb, ...more] = positionals;
  if (values.help === true || (verb === undefined && args.length === 0)) return { verb: "help" };
  if (more.length > 0) throw wrongUse(`"${more[0]}" is one word too many.`);
  const json = values.json === true;
  switch (verb) {
    case "list":
      return { verb, json };
    case "write":
      return {
        verb,
        json,
        seed: seedOf(values.seed),
        stores: numberOf("stores", values.stores, { from: 1, to: 500, whole: true }),
        days: numberOf("days", values.days, { from: 1, to: 3_660, whole: true }),
        fromMs: dayOf(values.from),
        attacks: attacksOf(values.attack ?? [], []),
        heartbeatMs: 1000 * numberOf("heartbeat", values.heartbeat, { from: 1, to: 86_400 }),
        out: needed("out", values.out),
        labels: values.labels,
      };
    case "stream":
      return {
        verb,
        url: urlOf(needed("url", values.url)),
        key: needed("key", values.key),
        seed: seedOf(values.seed),
        speed: numberOf("speed", values.speed, { from: 0.01, to: 1_000 }),
        attacks: attacksOf(
          values.attack ?? [],
          ATTACKS.map(({ id }) => id),
        ),
        attackEveryMs:
          1000 * numberOf("attack-every", values["attack-every"], { from: 1, to: 86_400 }),
        seconds:
          values.seconds === undefined
            ? undefined
            : numberOf("seconds", values.seconds, { from: 1, to: 31_536_000 }),
      };
    default:
      throw wrongUse(`The verb must be list, write or stream, not "${verb ?? ""}".`);
  }
}
