import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { SECRET_NAMES } from "./settings.ts";

const noFile = () => {
  throw new Error("no such file");
};
const read = (env: Record<string, string>, readFile: (path: string) => string = noFile) =>
  readConfig(env, readFile);
const words = (env: Record<string, string>, readFile?: (path: string) => string) => {
  try {
    read(env, readFile);
    return "accepted";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("readConfig", () => {
  it("needs no setting at all for the embedded stores", () => {
    expect(read({})).toMatchObject({
      dataDir: "./data",
      host: "127.0.0.1",
      port: 8080,
      publicUrl: "http://localhost:8080",
      clickhouse: { kind: "embedded" },
      postgres: { kind: "embedded" },
      queue: { kind: "postgres" },
      smtp: null,
      secrets: {},
    });
  });

  it.each([
    { name: "a word for a port", env: { TILLWATCH_PORT: "http" }, says: /TILLWATCH_PORT/ },
    { name: "a port that is too high", env: { TILLWATCH_PORT: "70000" }, says: /TILLWATCH_PORT/ },
    {
      name: "plain http in public",
      env: { TILLWATCH_PUBLIC_URL: "http://shop.example" },
      says: /use https/,
    },
    {
      name: "a setting that does not exist",
      env: { TILLWATCH_PROT: "1" },
      says: /TILLWATCH_PROT: there is no such setting/,
    },
    {
      name: "a secret that is too short",
      env: { TILLWATCH_LINK_KEY: "short" },
      says: /LINK_KEY.*32/,
    },
    {
      name: "a file that is not there",
      env: { TILLWATCH_LINK_KEY_FILE: "/nope" },
      says: /cannot be read/,
    },
    {
      name: "a zone that does not exist",
      env: { TILLWATCH_TIME_ZONE: "Mars/Base" },
      says: /tz database/,
    },
    { name: "an unknown currency", env: { TILLWATCH_CURRENCY: "EURO" }, says: /ISO 4217/ },
    {
      name: "a Postgres URL of the wrong kind",
      env: { TILLWATCH_POSTGRES_URL: "mysql://x" },
      says: /POSTGRES_URL.*postgres:/,
    },
    {
      name: "a signing domain without its key",
      env: { TILLWATCH_DKIM_DOMAIN: "shop.example", TILLWATCH_DKIM_SELECTOR: "tw1" },
      says: /DKIM_KEY: set all three/,
    },
    {
      name: "a key that is none",
      env: { TILLWATCH_DKIM_KEY: "hunter2" },
      says: /DKIM_KEY: must be an RSA key/,
    },
    {
      name: "a switch that is neither on nor off",
      env: { TILLWATCH_SMTP_REQUIRE_TLS: "perhaps" },
      says: /SMTP_REQUIRE_TLS/,
    },
  ])("refuses $name and says which", ({ env, says }) => {
    expect(words({ ...env } as unknown as Record<string, string>)).toMatch(says);
  });

  it("names all faults at once and repeats no value", () => {
    const said = words({
      TILLWATCH_PORT: "x",
      TILLWATCH_SMTP_URL: "hunter2-secret",
      TILLWATCH_SEAL_KEY: "hunter3",
    });
    expect(said.split("\n").length).toBe(4);
    expect(said).not.toMatch(/hunter/);
  });

  it("reads a secret from a file, without the line break at its end", () => {
    const config = read(
      { TILLWATCH_LINK_KEY_FILE: "/run/secrets/link" },
      () => `${"k".repeat(40)}\n`,
    );
    expect(config.secrets.LINK_KEY).toBe("k".repeat(40));
  });

  it("refuses a value given both ways", () => {
    expect(
      words({ TILLWATCH_SMTP_URL: "smtp://a", TILLWATCH_SMTP_URL_FILE: "/f" }, () => "smtp://b"),
    ).toMatch(/use one/);
  });

  it("asks for every secret when both stores are servers", () => {
    const said = words({
      TILLWATCH_CLICKHOUSE_URL: "http://localhost:8123",
      TILLWATCH_POSTGRES_URL: "postgres://localhost/t",
    });
    for (const name of Object.keys(SECRET_NAMES)) expect(said).toContain(`TILLWATCH_${name}`);
  });
});
