// Every setting of the service by its name, with its bounds, default and words; read by config.ts.
import { z } from "zod";
import { isCurrency } from "./money.ts";
import { isTimeZone } from "./time.ts";

/** Keys that must be unguessable. Embedded: made once in `<data>/secrets/`. With servers by URL: they must be set. */
export const SECRET_NAMES = {
  FINGERPRINT_KEY: "keys each merchant's card fingerprints",
  OPERATOR_KEY: "keys card fingerprints across merchants (never shown to a merchant)",
  SESSION_KEY: "signs browser sessions and form tokens",
  LINK_KEY: "signs links in e-mail",
  SEAL_KEY: "encrypts the sources' secrets at rest",
  AUDIT_KEY: "signs the audit log",
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
  DKIM_DOMAIN: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "must be a domain such as example.com")
    .optional()
    .describe("Domain that signs mail (DKIM). Unset: the mail server signs, or nobody."),
  DKIM_SELECTOR: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, "lower-case letters, digits and -")
    .optional()
    .describe("Where the public key stands: <selector>._domainkey.<domain>."),
  DKIM_KEY: z
    .string()
    .regex(/^-----BEGIN (RSA )?PRIVATE KEY-----/, "must be an RSA key as PEM; better as a file")
    .optional()
    .describe("Secret: private RSA key as PEM that signs mail."),
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
    .enum(["memory", "clickhouse", "off"])
    .default("memory")
    .describe(
      "memory: rules run in this process, within a second. clickhouse: as SQL over the store, by any number of processes. off: ingest only.",
    ),
  WORK: z
    .string()
    .regex(
      /^(none|(detectors|alerts)(,(detectors|alerts))?)$/,
      "must be detectors, alerts, both with a comma between, or none",
    )
    .default("detectors,alerts")
    .describe(
      "What this process does beside answering requests. With TILLWATCH_DETECTION=clickhouse several processes share the work.",
    ),
  SQL_LISTEN: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}$/, "must be host:port, such as 127.0.0.1:8123")
    .optional()
    .describe(
      "Where ClickHouse's HTTP interface answers, read-only, one merchant a key (Grafana, BI tools). Unset: nowhere. Beyond this machine put TLS in front.",
    ),
  ASK_BASE: url("https", "http")
    .optional()
    .describe(
      "Address that is asked instead of the providers' own hosts, with their tokens: a gateway of yours, or a test. Unset: each provider's own.",
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
  AUDIT_KEY: secret("AUDIT_KEY"),
  METRICS_TOKEN: secret("METRICS_TOKEN"),
});
export type Settings = z.infer<typeof Settings>;

export const SETTING_PREFIX = "TILLWATCH_";
