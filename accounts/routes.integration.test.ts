import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { errorAnswer } from "../core/error-answer.ts";
import type { Secrets } from "../core/settings.ts";
import { addApiKey, revokeApiKey } from "../stores/api-keys.ts";
import { listAudit, verifyAuditChain } from "../stores/audit-log.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { createMerchant } from "../stores/merchants.ts";
import { makeApiKey } from "./api-key.ts";
import { type Authenticator, makeAuthenticator } from "./authenticate.ts";
import { csrfToken } from "./csrf.ts";
import { pageCaller, requireCaller } from "./guard.ts";
import { registerAccountRoutes } from "./routes.ts";
import { SESSION_IDLE_MS, SESSION_LIFE_MS } from "./session.ts";
import { LINK_LIFE_MS, makeLink } from "./sign-in-link.ts";

const START = 1_764_000_000_000;
const HOUR = 3_600_000;
const secrets = { SESSION_KEY: "s".repeat(40) } as Secrets;

let handle: PostgresHandle;
let clock = START;
let app: FastifyInstance;
let authenticator: Authenticator;
const now = () => clock;

beforeAll(async () => {
  handle = await testPostgres();
});
afterAll(() => handle.close());

beforeEach(async () => {
  clock += 30 * HOUR;
  app = await appAt("http://localhost:8080");
});

async function appAt(publicUrl: string): Promise<FastifyInstance> {
  const made = Fastify();
  await made.register(cookie);
  await made.register(formbody);
  made.setErrorHandler((error, _request, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  authenticator = makeAuthenticator({ db: handle.db, secrets, now, publicUrl });
  registerAccountRoutes(made, { db: handle.db, secrets, publicUrl, now, authenticator });
  made.get("/", async (request, reply) => {
    const caller = await pageCaller(authenticator, request, reply);
    return caller === undefined ? reply : caller.sessionId;
  });
  made.get("/v1/me", (request) => requireCaller(authenticator, request));
  return made;
}

async function link(publicUrl = "http://localhost:8080"): Promise<string> {
  const { url } = await makeLink(handle.db, { publicUrl, actor: "cli" }, clock);
  return new URL(url).searchParams.get("token") ?? "";
}

const spend = (token: string, more: Record<string, string> = {}, headers = {}) =>
  app.inject({
    method: "POST",
    url: "/sign-in",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    payload: new URLSearchParams({ token, ...more }).toString(),
  });

async function signedIn(): Promise<string> {
  const answer = await spend(await link());
  return String(answer.headers["set-cookie"]).split(";")[0] ?? "";
}

const home = (cookieText: string) =>
  app.inject({ method: "GET", url: "/", headers: { cookie: cookieText } });

const FORGED = "A".repeat(43);

describe("a sign-in link", () => {
  it("opens a page with a button however often, and signs in once", async () => {
    const token = await link();
    for (let i = 0; i < 3; i += 1) {
      const page = await app.inject(`/sign-in?token=${token}`);
      expect([page.statusCode, page.headers["cache-control"]]).toEqual([200, "no-store"]);
      expect(page.body).toContain(`value="${token}"`);
      expect(page.body).not.toMatch(/<script|style=|onclick/);
    }
    const first = await spend(token, { next: "/alerts" });
    expect([first.statusCode, first.headers.location]).toEqual([303, "/alerts"]);
    expect(first.headers["set-cookie"]).toMatch(
      /^tillwatch=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/,
    );
    const second = await spend(token);
    expect([second.statusCode, second.headers["set-cookie"]]).toEqual([403, undefined]);
  });

  it("of two who come at the same time one gets in", async () => {
    const token = await link();
    const answers = await Promise.all(Array.from({ length: 8 }, () => spend(token)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([
      303,
      ...Array(7).fill(403),
    ]);
  });

  it.each([
    { name: "just within the hour", later: LINK_LIFE_MS - 1, status: 303 },
    { name: "after exactly an hour", later: LINK_LIFE_MS, status: 403 },
  ])("$name answers $status", async ({ later, status }) => {
    const token = await link();
    clock += later;
    expect((await spend(token)).statusCode).toBe(status);
  });

  it.each([
    { name: "forged", token: FORGED, status: 403 },
    { name: "with SQL in it", token: "' OR '1'='1", status: 403 },
    { name: "of a kilobyte", token: "x".repeat(1000), status: 400 },
    { name: "empty", token: "", status: 403 },
  ])("one that is $name is refused", async ({ token, status }) => {
    const answer = await spend(token);
    expect([answer.statusCode, answer.headers["set-cookie"]]).toEqual([status, undefined]);
  });

  it("markup in the address is shown as text", async () => {
    const page = await app.inject(
      `/sign-in?token=${FORGED}&next=${encodeURIComponent('/"><script>')}`,
    );
    expect(page.body).not.toContain("<script>");
    const bad = await app.inject(`/sign-in?token=${encodeURIComponent('"><script>alert(1)')}`);
    expect([bad.statusCode, bad.body.includes("<script>")]).toEqual([403, false]);
  });

  it("rests in the database as a hash only, and not in the audit log", async () => {
    const token = await link();
    await spend(token);
    const { rows } = await handle.pool.query(
      "SELECT l::text AS row FROM tillwatch.sign_in_link l UNION ALL SELECT s::text FROM tillwatch.session s UNION ALL SELECT a::text FROM tillwatch.audit_log a",
    );
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it("a form of another site signs nobody in", async () => {
    const answer = await spend(await link(), {}, { "sec-fetch-site": "cross-site" });
    expect([answer.statusCode, answer.headers["set-cookie"]]).toEqual([403, undefined]);
  });

  it("after twenty failures an address must wait an hour, even with a good link", async () => {
    const token = await link();
    for (let i = 0; i < 20; i += 1) expect((await spend(FORGED)).statusCode).toBe(403);
    const refused = await spend(token);
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(3500);
    clock += HOUR - 1;
    expect((await spend(token)).statusCode).toBe(429);
    clock += 1;
    expect((await spend(await link())).statusCode).toBe(303);
  });

  it("under https its cookie is held to the host and to https", async () => {
    app = await appAt("https://pos.example");
    const answer = await spend(await link("https://pos.example"));
    expect(answer.headers["set-cookie"]).toMatch(/^__Host-tillwatch=.*; Path=\/; .*; Secure$/);
    const plain = String(answer.headers["set-cookie"]).split(";")[0]?.replace("__Host-", "") ?? "";
    expect((await home(plain)).statusCode).toBe(303);
  });

  it("making, using and refusing are in the audit log, whose chain is whole", async () => {
    const token = await link();
    await spend(token);
    await spend(token);
    const acts = (await listAudit(handle.db, "service", { limit: 3 })).map(({ act }) => act);
    expect(acts).toEqual(["sign_in.refused", "sign_in", "link.make"]);
    expect((await verifyAuditChain(handle.db, "service")).ok).toBe(true);
  });
});

describe("a session", () => {
  it("without one, a page leads to the sign-in page and back again", async () => {
    const answer = await app.inject("/?x=1");
    expect([answer.statusCode, answer.headers.location]).toEqual([
      303,
      "/sign-in?next=%2F%3Fx%3D1",
    ]);
    const howTo = await app.inject("/sign-in?next=%2F");
    expect([howTo.statusCode, howTo.body.includes("admin -- link")]).toEqual([200, true]);
  });

  it.each([
    { name: "idle just under an hour", steps: [SESSION_IDLE_MS - 1], status: 200 },
    { name: "idle for an hour", steps: [SESSION_IDLE_MS], status: 303 },
    { name: "in use each half hour", steps: Array(23).fill(HOUR / 2), status: 200 },
    {
      name: "in use each half hour for twelve hours",
      steps: Array(24).fill(HOUR / 2),
      status: 303,
    },
  ])("$name answers $status", async ({ steps, status }) => {
    const cookieText = await signedIn();
    let last = 0;
    for (const step of steps) {
      clock += step;
      last = (await home(cookieText)).statusCode;
    }
    expect(last).toBe(status);
    expect(SESSION_LIFE_MS).toBe(12 * HOUR);
  });

  it.each([
    { name: "a forged cookie", cookie: `tillwatch=${FORGED}` },
    { name: "an empty cookie", cookie: "tillwatch=" },
    { name: "SQL", cookie: "tillwatch=' OR 1=1 --" },
    { name: "another cookie's name", cookie: `tillwatch2=${FORGED}` },
  ])("$name is no session", async ({ cookie: text }) => {
    expect((await home(text)).statusCode).toBe(303);
  });

  it("signing out needs the form's token, ends it at once, and takes the cookie away", async () => {
    const cookieText = await signedIn();
    const sessionId = (await home(cookieText)).body;
    const out = (csrf: string) =>
      app.inject({
        method: "POST",
        url: "/sign-out",
        headers: { cookie: cookieText, "content-type": "application/x-www-form-urlencoded" },
        payload: new URLSearchParams({ csrf }).toString(),
      });
    expect((await out("wrong")).statusCode).toBe(403);
    expect((await home(cookieText)).statusCode).toBe(200);
    const done = await out(csrfToken({ sessionId }, secrets.SESSION_KEY));
    expect([done.statusCode, done.headers["set-cookie"]]).toEqual([
      303,
      expect.stringContaining("tillwatch=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"),
    ]);
    expect((await home(cookieText)).statusCode).toBe(303);
  });
});

describe("an API key", () => {
  const withKey = (text: string, more = {}) =>
    app.inject({ url: "/v1/me", headers: { authorization: `Bearer ${text}`, ...more } });

  async function newKey(expiresAt: number | null = null) {
    const shop = { name: "S", zone: "UTC", currency: "EUR", emails: [], is_demo: false };
    const merchant = await createMerchant(handle.db, shop, clock);
    const key = makeApiKey(clock);
    const row = {
      id: key.keyId,
      hash: key.hash,
      scopes: ["events:write", "made:up"],
      expires_at: expiresAt,
    };
    await addApiKey(handle.db, merchant.id, row, clock);
    return { ...key, merchantId: merchant.id };
  }

  it("is its merchant's, with the rights that we know", async () => {
    const key = await newKey();
    const answer = await withKey(key.text);
    expect(answer.json()).toEqual({
      kind: "api_key",
      keyId: key.keyId,
      merchantId: key.merchantId,
      scopes: ["events:write"],
    });
  });

  it.each([
    { name: "another random part", change: (text: string) => `${text.slice(0, -4)}AAAA` },
    {
      name: "another key's random part",
      change: (text: string, other: string) => text.slice(0, 30) + other.slice(30),
    },
    { name: "no random part", change: (text: string) => text.slice(0, 29) },
  ])("with $name is refused", async ({ change }) => {
    const [key, other] = [await newKey(), await newKey()];
    const answer = await withKey(change(key.text, other.text));
    expect([answer.statusCode, answer.json().error.code]).toEqual([401, "UNAUTHENTICATED"]);
  });

  it("is refused from the moment it is revoked, once remembered keys are dropped", async () => {
    const key = await newKey();
    expect((await withKey(key.text)).statusCode).toBe(200);
    await revokeApiKey(handle.db, key.merchantId, key.keyId, clock);
    authenticator.forget();
    expect((await withKey(key.text)).statusCode).toBe(401);
  });

  it("is refused after half a minute at the latest when it was revoked elsewhere", async () => {
    const key = await newKey();
    await withKey(key.text);
    await revokeApiKey(handle.db, key.merchantId, key.keyId, clock);
    clock += 30_000;
    expect((await withKey(key.text)).statusCode).toBe(401);
  });

  it.each([
    { later: 999, status: 200 },
    { later: 1000, status: 401 },
  ])("that ends in a second answers $status after $later ms", async ({ later, status }) => {
    const key = await newKey(clock + 1000);
    clock += later;
    expect((await withKey(key.text)).statusCode).toBe(status);
  });

  it("a wrong one is not made good by a cookie beside it", async () => {
    const cookieText = await signedIn();
    expect((await withKey("tw_wrong", { cookie: cookieText })).statusCode).toBe(401);
  });

  it("notes its use, to the minute", async () => {
    const key = await newKey();
    const lastUse = async () => {
      const { rows } = await handle.pool.query<{ at: number }>(
        "SELECT last_used_at AS at FROM tillwatch.api_key WHERE id = $1",
        [key.keyId],
      );
      return rows[0]?.at;
    };
    const first = clock;
    await withKey(key.text);
    clock += 59_999;
    await withKey(key.text);
    expect(await lastUse()).toBe(first);
    clock += 1;
    await withKey(key.text);
    expect(await lastUse()).toBe(clock);
  });

  it("a thousand unknown keys leave the known one well", async () => {
    const key = await newKey();
    await Promise.all(Array.from({ length: 1000 }, () => withKey(makeApiKey(clock).text)));
    expect((await withKey(key.text)).statusCode).toBe(200);
  });
});
