import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAuthenticator } from "../../accounts/authenticate.ts";
import { errorAnswer } from "../../core/error-answer.ts";
import { silentLog } from "../../core/log.ts";
import { lockDataFolder } from "../../stores/connect/data-lock.ts";
import { openPostgres, type PostgresHandle } from "../../stores/connect/postgres.ts";
import { resolveSecrets } from "../../stores/connect/secrets.ts";
import { findSource } from "../../stores/sources.ts";
import { ADMIN_PATH, registerAdminRoutes, writeAdminFile } from "./service-door.ts";

type Ran = { code: number; stdout: string; stderr: string };

const folder = mkdtempSync(join(tmpdir(), "tillwatch-admin-"));
const dataDir = join(folder, "data");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ENV = {
  PATH: process.env.PATH ?? "",
  TILLWATCH_DATA: dataDir,
  TILLWATCH_PUBLIC_URL: "https://pos.example",
};
const SCRIPT = join(import.meta.dirname, "../admin.ts");

const run = (words: string[], input = "") => runScript(SCRIPT, words, input);

/** The verifier: without any setting, so without the data folder. */
const verify = (words: string[]) =>
  runScript(join(import.meta.dirname, "../audit.ts"), ["verify", ...words], "", {});

function runScript(
  script: string,
  words: string[],
  input: string,
  env: Record<string, string> = ENV,
): Promise<Ran> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [script, ...words],
      { env },
      (_fault, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

async function json(words: string[], input = ""): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run([...words, "--json"], input);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.trim().split("\n")).toHaveLength(1);
  return JSON.parse(stdout);
}

const CONFIG = {
  secrets: {},
  clickhouse: { kind: "embedded" },
  postgres: { kind: "embedded" },
  dataDir,
} as const;

/** Opens the stores as a service would, for a look inside. */
async function inside<T>(
  look: (handle: PostgresHandle, sealKey: string) => Promise<T>,
): Promise<T> {
  const lock = lockDataFolder(dataDir);
  const handle = await openPostgres(CONFIG, silentLog);
  try {
    return await look(handle, resolveSecrets(CONFIG, dataDir).SEAL_KEY);
  } finally {
    await handle.close();
    lock.release();
  }
}

let merchant: string;

describe("with no service running", () => {
  it("makes a merchant on an empty folder, and its key works", async () => {
    const made = await json([
      "merchant",
      "create",
      "--name",
      `O'Brien & "Söhne" <b>`,
      "--email",
      "a@b.example",
      "--currency",
      "GBP",
      "--zone",
      "Europe/London",
    ]);
    expect(made).toMatchObject({
      name: `O'Brien & "Söhne" <b>`,
      currency: "GBP",
      zone: "Europe/London",
      emails: ["a@b.example"],
    });
    merchant = String(made.merchant_id);
    const caller = await inside((handle) => {
      const secrets = resolveSecrets(CONFIG, dataDir);
      const { authenticate } = makeAuthenticator({ db: handle.db, secrets, now: Date.now });
      return authenticate({ headers: { authorization: `Bearer ${made.api_key}` } });
    });
    expect(caller).toMatchObject({
      kind: "api_key",
      merchantId: merchant,
      scopes: ["events:write", "events:read", "alerts:read", "alerts:write"],
    });
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  it("adds a source whose secret came by standard input", async () => {
    const words = ["source", "add", "--merchant", merchant, "--kind", "square", "--secret", "-"];
    const source = await json(words, "a-signature-key\n");
    const id = String(source.source_id);
    expect(source).toMatchObject({
      path: `/in/square/${id}`,
      url: `https://pos.example/in/square/${id}`,
      account: null,
      mode: "any",
    });
    expect(JSON.stringify(source)).not.toContain("a-signature-key");
    const found = await inside((handle, sealKey) => findSource(handle.db, id, sealKey));
    expect(found?.secrets).toEqual(["a-signature-key"]);
  });

  it("makes a secret for the generic API and shows it once", async () => {
    const source = await json([
      "source",
      "add",
      "--merchant",
      merchant,
      "--kind",
      "api",
      "--mode",
      "test",
      "--account",
      "me",
      "--url",
      "https://shop.example/hook?x=1",
    ]);
    expect(source).toMatchObject({
      url: "https://shop.example/hook?x=1",
      mode: "test",
      account: "me",
      account_confirmed: true,
    });
    expect(Buffer.from(String(source.secret).replace("whsec_", ""), "base64")).toHaveLength(32);
    const listed = await json(["source", "list", "--merchant", merchant]);
    expect(listed.sources).toHaveLength(2);
    expect(JSON.stringify(listed)).not.toContain("whsec_");
  });

  it("sets a shop and staff", async () => {
    const store = await json([
      "store",
      "set",
      "--merchant",
      merchant,
      "--store",
      "s1",
      "--hours",
      "mon-fri 08:00-20:00",
      "--lat",
      "51.5",
      "--lon=-0.1",
      "--zone",
      "Europe/Paris",
      "--currency",
      "EUR",
    ]);
    expect(store).toMatchObject({
      store_id: "s1",
      zone: "Europe/Paris",
      currency: "EUR",
      lat: 51.5,
      lon: -0.1,
      confirmed: true,
    });
    const staff = await json([
      "staff",
      "set",
      "--merchant",
      merchant,
      "--cashier",
      "c1",
      "--name",
      "Ana",
      "--role",
      "manager",
      "--active",
      "false",
    ]);
    expect(staff).toMatchObject({ cashier_id: "c1", role: "manager", active: false });
    expect((await json(["staff", "list", "--merchant", merchant])).staff).toHaveLength(1);
  });

  it.each([
    {
      name: "no such merchant",
      words: ["source", "add", "--merchant", "mer_none", "--kind", "api"],
      code: 1,
      says: /no such merchant/,
    },
    {
      name: "another's source",
      words: ["source", "confirm", "--merchant", "mer_none", "--source", "src_x"],
      code: 1,
      says: /no such source/,
    },
    {
      name: "a name of a hundred kilobytes",
      words: ["merchant", "create", "--name", "x".repeat(100_000)],
      code: 2,
      says: /--name at most 200 characters/,
    },
    {
      name: "a card number as a name",
      words: ["merchant", "create", "--name", "4111 1111 1111 1111"],
      code: 2,
      says: /--name must not hold card data/,
    },
    {
      name: "a name with a line break",
      words: ["merchant", "create", "--name", "a\nb"],
      code: 2,
      says: /control characters/,
    },
    { name: "no name", words: ["merchant", "create"], code: 2, says: /--name is needed/ },
    {
      name: "a wrong address and currency at once",
      words: ["merchant", "create", "--name", "a", "--email", "nobody", "--currency", "XXQ"],
      code: 2,
      says: /--email .*\n--currency must be/s,
    },
    {
      name: "no secret for square",
      words: ["source", "add", "--merchant", "m", "--kind", "square"],
      code: 2,
      says: /--secret is needed/,
    },
    {
      name: "a short webhook secret",
      words: ["source", "add", "--merchant", "m", "--kind", "api", "--secret", "whsec_AAAA"],
      code: 2,
      says: /whsec_ and base64/,
    },
    {
      name: "an unknown kind",
      words: ["source", "add", "--merchant", "m", "--kind", "till"],
      code: 2,
      says: /--kind must be one of square/,
    },
    {
      name: "a scope that is none",
      words: ["key", "create", "--merchant", "m", "--scope", "all"],
      code: 2,
      says: /--scope must be one of/,
    },
    {
      name: "latitude alone",
      words: ["store", "set", "--merchant", "m", "--store", "s", "--lat", "1"],
      code: 2,
      says: /together/,
    },
    {
      name: "wrong hours",
      words: ["store", "set", "--merchant", "m", "--store", "s", "--hours", "always"],
      code: 2,
      says: /hours: "always"/,
    },
    {
      name: "an unknown act",
      words: ["merchant", "delete"],
      code: 2,
      says: /There is no "merchant delete"/,
    },
  ])("refuses $name with exit $code, in words on stderr", async ({ words, code, says }) => {
    const ran = await run([...words, "--json"]);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toMatch(says);
    expect(ran.stderr.length).toBeLessThan(6000);
  });

  it("an export of the audit log proves itself elsewhere, and a changed byte shows at its line", async () => {
    const key = String((await json(["audit", "key"])).public_key);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const exported = await json(["audit", "export"]);
    expect(exported).toMatchObject({ chains: 2, public_key: key });
    const file = String(exported.file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const whole = await verify([file, "--key", key, "--json"]);
    expect([whole.code, JSON.parse(whole.stdout)]).toMatchObject([
      0,
      { ok: true, key_compared: true, chains: [{ chain: merchant }, { chain: "service" }] },
    ]);
    expect((await verify([file])).stdout).toMatch(/^whole: .*compare it with/s);
    const anchor = JSON.parse(whole.stdout).chains[0].hash;
    expect((await verify([file, "--key", key, "--anchor", anchor])).code).toBe(0);
    expect((await verify([file, "--key", "0".repeat(64)])).code).toBe(1);
    expect((await verify([file, "--anchor", "0".repeat(64)])).code).toBe(1);
    const bytes = readFileSync(file);
    bytes[bytes.indexOf("source.add")] = 0x53;
    writeFileSync(`${file}.changed`, bytes);
    const broken = await verify([`${file}.changed`, "--key", key]);
    expect([broken.code, broken.stdout]).toEqual([
      1,
      `BROKEN at line 3, entry 3 of ${merchant}: this row was changed\n`,
    ]);
    expect(existsSync(join(dataDir, "secrets/AUDIT_KEY"))).toBe(true);
    expect(bytes.includes(readFileSync(join(dataDir, "secrets/AUDIT_KEY"), "utf8").trim())).toBe(
      false,
    );
  });

  it.each([
    { name: "no file", words: [] },
    { name: "a file that is not there", words: ["/nowhere.ndjson"] },
    { name: "a key that is none", words: ["package.json", "--key", "abc"] },
    { name: "an unknown option", words: ["package.json", "--fast"] },
  ])("audit -- verify with $name is wrong use", async ({ words }) => {
    const ran = await verify(words);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain("Usage: npm run --silent audit");
  });

  it("everything is in the audit log, whose chains are whole; a broken one exits with 1", async () => {
    const acts = (await json(["audit", "list", "--chain", merchant])).entries as {
      act: string;
      actor: string;
    }[];
    expect(acts.map(({ act }) => act).reverse()).toEqual([
      "merchant.create",
      "api_key.create",
      "source.add",
      "source.add",
      "store.set",
      "staff.set",
    ]);
    expect(new Set(acts.map(({ actor }) => actor))).toEqual(new Set(["cli"]));
    expect(await json(["audit", "verify"])).toMatchObject({ ok: true });
    await inside((handle) =>
      handle.pool.query(
        "ALTER TABLE tillwatch.audit_log DISABLE TRIGGER ALL; UPDATE tillwatch.audit_log SET at = at + 1 WHERE seq = 2; ALTER TABLE tillwatch.audit_log ENABLE TRIGGER ALL",
      ),
    );
    const verified = await run(["audit", "verify", "--json"]);
    expect([verified.code, JSON.parse(verified.stdout).chains[0]]).toMatchObject([
      1,
      { ok: false, seq: 2, why: "this row was changed" },
    ]);
  });

  it("three commands at once wait for each other", async () => {
    const made = await Promise.all(
      ["a", "b", "c"].map((name) => json(["merchant", "create", "--name", name])),
    );
    expect(new Set(made.map(({ merchant_id }) => merchant_id)).size).toBe(3);
  });
});

describe("with the service running", () => {
  const token = "t".repeat(43);
  let app: FastifyInstance;
  let handle: PostgresHandle;
  let release: () => void;
  let changes = 0;

  beforeAll(async () => {
    ({ release } = lockDataFolder(dataDir));
    handle = await openPostgres(CONFIG, silentLog);
    app = Fastify();
    app.setErrorHandler((error, _request, reply) => {
      const answer = errorAnswer(error);
      return reply.code(answer.status).send(answer.body);
    });
    registerAdminRoutes(app, {
      db: handle.db,
      secrets: resolveSecrets(CONFIG, dataDir),
      dataDir,
      publicUrl: "https://service.example",
      outbound: { loopback: false },
      defaults: { currency: "SEK", zone: "Europe/Stockholm" },
      now: Date.now,
      onChanged: () => {
        changes += 1;
      },
      token,
    });
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    writeAdminFile(dataDir, { url, token });
  });
  afterAll(async () => {
    await app.close();
    await handle.close();
    release();
  });

  it("asks the service, whose settings count, and which hears of the change", async () => {
    const made = await json(["merchant", "create", "--name", "Served"]);
    expect(made).toMatchObject({ currency: "SEK", zone: "Europe/Stockholm" });
    const words = ["source", "add", "--merchant", String(made.merchant_id), "--kind", "api"];
    expect((await json(words)).url).toMatch(/^https:\/\/service\.example\/in\/api\/src_/);
    expect(changes).toBe(1);
    expect((await json(["link"])).url).toMatch(
      /^https:\/\/service\.example\/sign-in\?token=[\w-]{43}$/,
    );
  });

  it("says no with the same words and exit codes", async () => {
    const refused = await run([
      "merchant",
      "email",
      "--merchant",
      "mer_none",
      "--email",
      "a@b.example",
    ]);
    expect([refused.code, refused.stderr]).toEqual([1, "There is no such merchant.\n"]);
    const wrong = await run(["merchant", "create"]);
    expect([wrong.code, wrong.stderr]).toEqual([2, "--name is needed\n"]);
  });

  it("the file is readable by its owner alone", () => {
    expect(statSync(join(dataDir, "admin.json")).mode & 0o777).toBe(0o600);
    expect(existsSync(join(dataDir, "admin.json.new"))).toBe(false);
    expect(JSON.parse(readFileSync(join(dataDir, "admin.json"), "utf8")).token).toBe(token);
  });

  const ask = (
    headers: Record<string, string>,
    payload: object = { act: "merchant list", input: {} },
  ) => app.inject({ method: "POST", url: ADMIN_PATH, headers, payload });

  it.each<{ name: string; headers: Record<string, string> }>([
    { name: "no token", headers: {} },
    { name: "a wrong token", headers: { authorization: `Bearer ${"u".repeat(43)}` } },
    { name: "half a token", headers: { authorization: `Bearer ${token.slice(1)}` } },
    { name: "another scheme", headers: { authorization: `Basic ${token}` } },
    {
      name: "the token through a proxy",
      headers: { authorization: `Bearer ${token}`, "x-forwarded-for": "127.0.0.1" },
    },
    {
      name: "the token through another proxy",
      headers: { authorization: `Bearer ${token}`, forwarded: "for=127.0.0.1" },
    },
  ])("the door is shut to $name", async ({ headers }) => {
    expect((await ask(headers)).statusCode).toBe(401);
  });

  it("the door is shut to other machines, even with the token", async () => {
    const answer = await app.inject({
      method: "POST",
      url: ADMIN_PATH,
      remoteAddress: "10.0.0.9",
      headers: { authorization: `Bearer ${token}` },
      payload: { act: "merchant list", input: {} },
    });
    expect(answer.statusCode).toBe(401);
  });

  it.each([
    { payload: { act: "nothing such", input: {} }, status: 404 },
    { payload: { act: "link" }, status: 400 },
    { payload: { act: "link", input: {}, more: 1 }, status: 400 },
    { payload: { act: "__proto__", input: {} }, status: 404 },
  ])("$payload answers $status", async ({ payload, status }) => {
    const answer = await ask({ authorization: `Bearer ${token}` }, payload);
    expect(answer.statusCode).toBe(status);
  });
});

it("a service that is still starting is waited for", async () => {
  const { release } = lockDataFolder(dataDir);
  writeAdminFile(dataDir, { url: "http://127.0.0.1:9", token: "o".repeat(43) });
  const child = spawn(process.execPath, [SCRIPT, "merchant", "list", "--json"], { env: ENV });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  await new Promise((go) => setTimeout(go, 1500));
  expect([child.exitCode, printed]).toEqual([null, ""]);
  release();
  const code = await new Promise((go) => child.once("exit", go));
  expect([code, JSON.parse(printed).merchants.length > 0]).toEqual([0, true]);
});
