// The settings of the service, read from an environment, checked all at once, with words that help.
import type { z } from "zod";
import { AppError } from "./errors.ts";
import { SECRET_NAMES, SETTING_PREFIX, type SecretName, Settings } from "./settings.ts";

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
  /** Null: mail is not signed here. */
  dkim: { domain: string; selector: string; privateKey: string } | null;
  /** Whether channels may reach this machine. */
  outbound: { loopback: boolean };
  /** Told when the service itself is in trouble. */
  warnUrl: string | null;
  demo: "auto" | "on" | "off";
  demoSpeed: number;
  detection: "memory" | "clickhouse" | "off";
  /** What this process does beside answering requests. */
  work: { detectors: boolean; alerts: boolean };
  /** Null: ClickHouse's HTTP interface is not offered. */
  sqlListen: { host: string; port: number } | null;
  /** Null: the providers' own hosts are asked. */
  askBase: string | null;
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
  for (const name of ["PUBLIC_URL", "ASK_BASE"] as const) {
    const address = settings[name];
    if (address?.startsWith("http:") && !LOCAL_HOSTS.has(new URL(address).hostname))
      faults.push(`✖ TILLWATCH_${name}: plain http is only for localhost; use https.`);
  }
  const dkim = [settings.DKIM_DOMAIN, settings.DKIM_SELECTOR, settings.DKIM_KEY];
  if (dkim.includes(undefined) && dkim.some((part) => part !== undefined)) {
    faults.push("✖ TILLWATCH_DKIM_DOMAIN, _DKIM_SELECTOR and _DKIM_KEY: set all three, or none.");
  }
  const served = settings.CLICKHOUSE_URL !== undefined && settings.POSTGRES_URL !== undefined;
  for (const name of Object.keys(SECRET_NAMES) as SecretName[]) {
    if (served && settings[name] === undefined) {
      faults.push(
        `✖ TILLWATCH_${name}: must be set when both stores are servers (or TILLWATCH_${name}_FILE).`,
      );
    }
  }
  if (settings.DETECTION === "memory" && !workOf(settings.WORK).detectors) {
    faults.push(
      "✖ TILLWATCH_WORK: without detectors nobody judges what comes in here; set TILLWATCH_DETECTION=clickhouse too.",
    );
  }
  return faults;
}

function workOf(work: string): Config["work"] {
  const names = work.split(",");
  return { detectors: names.includes("detectors"), alerts: names.includes("alerts") };
}

function dkimOf({ DKIM_DOMAIN, DKIM_SELECTOR, DKIM_KEY }: Settings): Config["dkim"] {
  if (!DKIM_DOMAIN || !DKIM_SELECTOR || !DKIM_KEY) return null;
  return { domain: DKIM_DOMAIN, selector: DKIM_SELECTOR, privateKey: DKIM_KEY };
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
    dkim: dkimOf(settings),
    warnUrl: settings.WARN_URL ?? null,
    outbound: { loopback: settings.CHANNELS_ON_THIS_MACHINE },
    demo: settings.DEMO,
    demoSpeed: settings.DEMO_SPEED,
    detection: settings.DETECTION,
    work: workOf(settings.WORK),
    askBase: settings.ASK_BASE?.replace(/\/+$/, "") ?? null,
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
