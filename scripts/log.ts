// The service's logger: one JSON line a sentence, pretty at a terminal, and nothing in it that must not rest on a disk.
import { type DestinationStream, pino } from "pino";
import pretty from "pino-pretty";
import { maskCardData } from "../core/card-data.ts";
import type { Log } from "../core/log.ts";

/** `child` gives a part its own name in each line: `log.child({ service: "ingest" })`. */
export type ServiceLog = Log & { child(bindings: { service: string }): Log };

const HIDDEN = "[hidden]";
const MOST_TEXT = 2_000;
const MOST_ENTRIES = 50;
const MOST_DEPTH = 6;

/** Whole names, and ends of names, compared in lower case without `-` and `_`. */
const SECRET_NAMES = new Set(
  "pan cardnumber track track1 track2 trackdata magstripe cvv cvv2 cvc cvc2 cid pin pinblock cookies csrf".split(
    " ",
  ),
);
const SECRET_END =
  /(password|passphrase|secret|secrets|authorization|cookie|signature|signatures|apikey|accesskey|privatekey|signingkey|sealkey|token)$/;
/** A fingerprint that names a card to its own merchant, and is in each of its events. */
const NO_SECRET = new Set(["cardtoken"]);

/** True for a name whose value is hidden whatever it is. */
function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_]/g, "");
  return !NO_SECRET.has(plain) && (SECRET_NAMES.has(plain) || SECRET_END.test(plain));
}

const IN_TEXT: readonly [RegExp, string][] = [
  [/\btw_([A-Za-z0-9]+)_[A-Za-z0-9_-]{20,}/g, `tw_$1_${HIDDEN}`],
  [/\bml_[A-Za-z0-9_-]{20,}/g, `ml_${HIDDEN}`],
  [/\bwhsec_[A-Za-z0-9+/=_-]{8,}/g, `whsec_${HIDDEN}`],
  [/\b(sk|rk)_(live|test)_[A-Za-z0-9]{8,}/g, `$1_$2_${HIDDEN}`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${HIDDEN}@`],
];

/** A text as it may stand in a log: cut, card data masked, keys and passwords hidden. */
export function scrubText(text: string): string {
  let clean = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
  for (const [pattern, instead] of IN_TEXT) clean = clean.replace(pattern, instead);
  return maskCardData(clean).text;
}

/** Any value as it may stand in a log. Errors become their name, code, message, stack and cause. */
export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return scrubText(value);
  if (typeof value === "bigint" || typeof value === "number") return scrubNumber(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MOST_DEPTH) return "[deeper]";
  if (value instanceof Error) return scrubError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) {
    return value.slice(0, MOST_ENTRIES).map((entry) => scrub(entry, depth + 1));
  }
  return scrubEntries(Object.entries(value), depth);
}

function scrubEntries(entries: [string, unknown][], depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of entries.slice(0, MOST_ENTRIES)) {
    clean[scrubText(name)] = isSecretName(name) ? HIDDEN : scrub(value, depth + 1);
  }
  return clean;
}

/** A card number may come as a number too. */
function scrubNumber(value: number | bigint): number | string {
  const text = value.toString();
  const clean = scrubText(text);
  return clean !== text || typeof value === "bigint" ? clean : value;
}

function scrubError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message: scrubText(message),
    stack: scrubText(stack ?? ""),
    ...(cause !== undefined && { cause: scrub(cause, depth + 1) }),
    ...scrubEntries(Object.entries(error), depth),
  };
}

/** `to`: where lines go, stdout if left out; at a terminal they are made readable. Commands that print JSON pass fd 2. */
export function createLog(options: { level: string; to?: DestinationStream | 1 | 2 }): ServiceLog {
  const { level, to = 1 } = options;
  return pino(
    {
      level,
      base: null,
      serializers: { err: (already) => already },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => scrub(fields) as Record<string, unknown>,
      },
      hooks: {
        logMethod(given, method) {
          const [fields, sentence, ...rest] = given as [object, string?, ...unknown[]];
          const clean = typeof sentence === "string" ? scrubText(sentence) : sentence;
          method.apply(this, [fields, clean, ...rest] as Parameters<typeof method>);
        },
      },
    },
    typeof to === "number" ? terminalOrLines(to) : to,
  );
}

function terminalOrLines(fd: 1 | 2): DestinationStream {
  const isTerminal = fd === 1 ? process.stdout.isTTY : process.stderr.isTTY;
  if (!isTerminal) return pino.destination({ dest: fd, sync: true });
  return pretty({
    destination: fd,
    sync: true,
    translateTime: "SYS:HH:MM:ss",
    ignore: "pid,hostname",
  });
}
