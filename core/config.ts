// Every setting of the service, read from an environment, checked all at once, with words that help.
import { z } from "zod";
import { AppError } from "./errors.ts";
import { isCurrency } from "./money.ts";
import { isTimeZone } from "./time.ts";

/** Keys that must be unguessable. Embedded: made once in `<data>/secrets/`. With servers by URL: they must be set. */
export const SECRET_NAMES = {
  FINGERPRINT_KEY: "keys each merchant's card fingerprints",
  OPERATOR_KEY: "keys card fingerprints across merchants (never shown to a merchant)",
  SESSION_KEY: "signs browser sessions and form tokens",
  LINK_KEY: "signs links in e-mail",
  SEAL_KEY: "encrypts the sources' secrets at rest",
  METRICS_TOKEN: "bearer token that reads /metrics",
} as const;
export type SecretName = keyof typeof SECRET_NAMES;
export type Secrets = Readonly<Record<SecretName, string>>;

const port = z.coerce.number().int().min(0).max(65_535);
const url = (...protocols: string[]) =>
  z.url({
    protocol: new RegExp(`^(${protocols.join("|")})$`),
    error: `must be a URL that begins with ${protocols.map((p) => `${p}://`).join(" or ")}`,
  });
const secret = (name: SecretName) =>
  z
    .string()
    .min(32, "must have at least 32 characters")
    .optional()
    .describe(`Secret: ${SECRET_NAMES[name]}.`);

/** The settings as text, by name without `TILLWATCH_`. Each secret and URL may also come as `…_FILE`, a path. */
export const Settings = z.strictObject({
  DATA: z
    .string()
    .min(1)
    .default("./data")
    .describe("Data folder: embedded stores, spool, secrets, lock. Created with mode 0700."),
  HOST: z.string().min(1).default("127.0.0.1").describe("Address to listen on."),
  PORT: port.default(8080).describe("Port to listen on; 0 takes a free one."),
  PUBLIC_URL: url("https", "http")
    .optional()
    .describe(
      "Address that providers, e-mails and browsers see. Default: http://localhost:<port>. Plain http only for localhost.",
    ),
  CLICKHOUSE_URL: url("https", "http")
    .optional()
    .describe("ClickHouse server. Unset: the embedded engine."),
  CLICKHOUSE_USER: z.string().default("default").describe("User at the ClickHouse server."),
  CLICKHOUSE_PASSWORD: z.string().optional().describe("Secret: password at the ClickHouse server."),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, "lower-case letters, digits and _")
    .default("tillwatch")
    .describe("Database at the ClickHouse server."),
  POSTGRES_URL: url("postgres", "postgresql")
    .optional()
    .describe("Secret: PostgreSQL server. Unset: embedded PGlite."),
  REDIS_URL: url("redis", "rediss")
    .optional()
    .describe("Secret: Redis for the job queue. Unset: the queue lives in Postgres."),
  SMTP_URL: url("smtp", "smtps")
    .optional()
    .describe(
      "Secret: mail server, smtp://user:password@host:port. Unset: mail stays in the local outbox.",
    ),
  SMTP_REQUIRE_TLS: z
    .stringbool()
    .default(true)
    .describe("Refuse a mail server on smtp:// that does not offer STARTTLS."),
  MAIL_FROM: z
    .string()
    .max(254)
    .default("Tillwatch <tillwatch@localhost>")
    .describe("Sender of alert mail."),
  CHANNELS_ON_THIS_MACHINE: z
    .stringbool()
    .default(false)
    .describe(
      "Let channels reach receivers on this machine, also over plain http. Off: only https beyond private networks.",
    ),
  WARN_URL: url("https", "http")
    .optional()
    .describe(
      "Secret: Slack-compatible address that is told when the service's own hourly test alert does not come out. Unset: the log and a metric only.",
    ),
  DEMO: z
    .enum(["auto", "on", "off"])
    .default("auto")
    .describe("Demo merchant: auto = trades until a first source is connected."),
  DEMO_SPEED: z.coerce
    .number()
    .positive()
    .max(1000)
    .default(1)
    .describe("How much faster than the clock the demo merchant's customers come."),
  DETECTION: z
    .enum(["memory", "off"])
    .default("memory")
    .describe("memory: rules run in this process. off: ingest only."),
  SQL_LISTEN: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}$/, "must be host:port, such as 127.0.0.1:8123")
    .optional()
    .describe(
      "Where ClickHouse's HTTP interface answers, read-only, one merchant a key (Grafana, BI tools). Unset: nowhere. Beyond this machine put TLS in front.",
    ),
  CURRENCY: z
    .string()
    .refine(isCurrency, "must be an ISO 4217 code")
    .default("EUR")
    .describe("Currency of new merchants that name none."),
  TIME_ZONE: z
    .string()
    .refine(isTimeZone, "must be a tz database name such as Europe/London")
    .default("UTC")
    .describe("Time zone of new merchants that name none."),
  SPOOL_MAX_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(1024)
    .describe("Events waiting for ClickHouse, in MiB, before the door answers 429."),
  SPOOL_RESERVE_MB: z.coerce
    .number()
    .int()
    .min(0)
    .default(256)
    .describe("Free disk, in MiB, below which the door answers 503."),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("Least level that is logged."),
  FINGERPRINT_KEY: secret("FINGERPRINT_KEY"),
  OPERATOR_KEY: secret("OPERATOR_KEY"),
  SESSION_KEY: secret("SESSION_KEY"),
  LINK_KEY: secret("LINK_KEY"),
  SEAL_KEY: secret("SEAL_KEY"),
  METRICS_TOKEN: secret("METRICS_TOKEN"),
});
export type Settings = z.infer<typeof Settings>;

export const SETTING_PREFIX = "TILLWATCH_";

/** What the parts get. `secrets` holds those that were set; missing ones are made or refused by who opens the data folder. */
export type Config = {
  dataDir: string;
  host: string;
  port: number;
  /** Without a trailing slash. */
  publicUrl: string;
  clickhouse:
    | { kind: "embedded" }
    | { kind: "server"; url: string; user: string; password: string; database: string };
  postgres: { kind: "embedded" } | { kind: "server"; url: string };
  queue: { kind: "postgres" } | { kind: "redis"; url: string };
  smtp: { url: string; requireTls: boolean } | null;
  mailFrom: string;
  /** Whether channels may reach this machine. */
  outbound: { loopback: boolean };
  /** Told when the service itself is in trouble. */
  warnUrl: string | null;
  demo: "auto" | "on" | "off";
  demoSpeed: number;
  detection: "memory" | "off";
  /** Null: ClickHouse's HTTP interface is not offered. */
  sqlListen: { host: string; port: number } | null;
  defaults: { currency: string; zone: string };
  spool: { maxBytes: number; reserveBytes: number };
  logLevel: Settings["LOG_LEVEL"];
  secrets: Partial<Record<SecretName, string>>;
};

/**
 * Reads settings from an environment. In: env, and a function that reads a file as text (for `…_FILE`).
 * Throws CONFIG_INVALID with every fault named at once.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Config {
  const { given, faults } = gather(env, readFile);
  const parsed = Settings.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) faults.push(...explain(issue));
  } else {
    faults.push(...crossFaults(parsed.data));
  }
  if (!parsed.success || faults.length > 0) {
    throw new AppError("CONFIG_INVALID", `The settings do not fit:\n${faults.join("\n")}`);
  }
  return toConfig(parsed.data);
}

/** The given settings as text, files read in, and what was wrong with the files. */
function gather(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): { given: Record<string, string>; faults: string[] } {
  const faults: string[] = [];
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(SETTING_PREFIX) || value === undefined || value === "") continue;
    const key = name.slice(SETTING_PREFIX.length);
    if (!key.endsWith("_FILE")) {
      given[key] = value;
      continue;
    }
    const target = key.slice(0, -"_FILE".length);
    if (env[SETTING_PREFIX + target])
      faults.push(`✖ Both ${SETTING_PREFIX}${target} and ${name} are set; use one.`);
    try {
      const text = readFile(value).trim();
      if (text !== "") given[target] = text; // an empty file is an unset setting, as an empty variable is
    } catch {
      faults.push(`✖ ${name}: the file cannot be read.`);
    }
  }
  return { given, faults };
}

/** Zod's words without the value, which may be a secret. */
function explain(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (key) => `✖ ${SETTING_PREFIX}${key}: there is no such setting. See .env.example.`,
    );
  }
  return [`✖ ${SETTING_PREFIX}${issue.path.join(".")}: ${issue.message}`];
}

const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

function crossFaults(settings: Settings): string[] {
  const faults: string[] = [];
  if (
    settings.PUBLIC_URL?.startsWith("http:") &&
    !LOCAL_HOSTS.has(new URL(settings.PUBLIC_URL).hostname)
  ) {
    faults.push("✖ TILLWATCH_PUBLIC_URL: plain http is only for localhost; use https.");
  }
  const served = settings.CLICKHOUSE_URL !== undefined && settings.POSTGRES_URL !== undefined;
  for (const name of Object.keys(SECRET_NAMES) as SecretName[]) {
    if (served && settings[name] === undefined) {
      faults.push(
        `✖ TILLWATCH_${name}: must be set when both stores are servers (or TILLWATCH_${name}_FILE).`,
      );
    }
  }
  return faults;
}

function addressOf(listen: string): { host: string; port: number } {
  const cut = listen.lastIndexOf(":");
  return {
    host: listen.slice(0, cut).replace(/^\[|\]$/g, ""),
    port: Number(listen.slice(cut + 1)),
  };
}

function toConfig(settings: Settings): Config {
  const secrets: Config["secrets"] = {};
  for (const name of Object.keys(SECRET_NAMES) as SecretName[]) {
    const value = settings[name];
    if (value !== undefined) secrets[name] = value;
  }
  return {
    dataDir: settings.DATA,
    host: settings.HOST,
    port: settings.PORT,
    publicUrl: (settings.PUBLIC_URL ?? `http://localhost:${settings.PORT}`).replace(/\/+$/, ""),
    clickhouse:
      settings.CLICKHOUSE_URL === undefined
        ? { kind: "embedded" }
        : {
            kind: "server",
            url: settings.CLICKHOUSE_URL,
            user: settings.CLICKHOUSE_USER,
            password: settings.CLICKHOUSE_PASSWORD ?? "",
            database: settings.CLICKHOUSE_DATABASE,
          },
    postgres:
      settings.POSTGRES_URL === undefined
        ? { kind: "embedded" }
        : { kind: "server", url: settings.POSTGRES_URL },
    queue:
      settings.REDIS_URL === undefined
        ? { kind: "postgres" }
        : { kind: "redis", url: settings.REDIS_URL },
    smtp:
      settings.SMTP_URL === undefined
        ? null
        : { url: settings.SMTP_URL, requireTls: settings.SMTP_REQUIRE_TLS },
    mailFrom: settings.MAIL_FROM,
    warnUrl: settings.WARN_URL ?? null,
    outbound: { loopback: settings.CHANNELS_ON_THIS_MACHINE },
    demo: settings.DEMO,
    demoSpeed: settings.DEMO_SPEED,
    detection: settings.DETECTION,
    sqlListen: settings.SQL_LISTEN === undefined ? null : addressOf(settings.SQL_LISTEN),
    defaults: { currency: settings.CURRENCY, zone: settings.TIME_ZONE },
    spool: {
      maxBytes: settings.SPOOL_MAX_MB * 1_048_576,
      reserveBytes: settings.SPOOL_RESERVE_MB * 1_048_576,
    },
    logLevel: settings.LOG_LEVEL,
    secrets,
  };
}
