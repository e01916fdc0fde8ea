import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkAuditExport } from "../core/audit-check.ts";
import { auditSigner } from "../core/audit-signature.ts";
import { errorAnswer } from "../core/error-answer.ts";
import { addApiKey } from "../stores/api-keys.ts";
import { appendAudit, listAudit, listAuditChains } from "../stores/audit-log.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { createMerchant } from "../stores/merchants.ts";
import { makeApiKey, type Scope } from "./api-key.ts";
import { registerAuditRoutes } from "./audit-routes.ts";
import { makeAuthenticator } from "./authenticate.ts";
import { makeLink, spendLink } from "./sign-in-link.ts";

const signer = auditSigner("a-key-of-the-tests-that-is-no-secret");
const secrets = { SESSION_KEY: "k".repeat(43) } as never;
let handle: PostgresHandle;
let app: FastifyInstance;
let ours: string;
let theirs: string;
let keys: Record<"audit" | "events" | "other", string>;
let owner: string;

beforeAll(async () => {
  handle = await testPostgres();
  const { db } = handle;
  const merchant = async (name: string) =>
    (
      await createMerchant(
        db,
        { name, currency: "EUR", zone: "UTC", emails: [], is_demo: false },
        1,
      )
    ).id;
  [ours, theirs] = [await merchant("ours"), await merchant("theirs")];
  const key = async (merchantId: string, scopes: Scope[]) => {
    const made = makeApiKey(Date.now());
    const row = { id: made.keyId, hash: made.hash, scopes, expires_at: null };
    await addApiKey(db, merchantId, row, Date.now());
    return `Bearer ${made.text}`;
  };
  keys = {
    audit: await key(ours, ["audit:read"]),
    events: await key(ours, ["events:read", "alerts:read", "admin:read"]),
    other: await key(theirs, ["audit:read"]),
  };
  for (let n = 1; n <= 5; n += 1) {
    await appendAudit(db, {
      ...{ merchant_id: ours, actor: "cli", act: "test", subject: `t:${n}`, at: n },
      ...{ address: null, details: { n } },
    });
  }
  const publicUrl = "http://localhost:8080";
  const { url } = await makeLink(db, { publicUrl, actor: "cli" }, Date.now());
  const token = new URL(url).searchParams.get("token") ?? "";
  owner = `tillwatch=${(await spendLink(db, token, "127.0.0.1", Date.now())).token}`;
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  const authenticator = makeAuthenticator({ db, secrets, now: Date.now });
  registerAuditRoutes(app, { db, signer, authenticator, now: Date.now });
  await app.ready();
});
afterAll(async () => {
  await app?.close();
  await handle?.close();
});

const ask = (url: string, headers: Record<string, string> = { authorization: keys.audit }) =>
  app.inject({ url, headers });

it("acts are listed newest first, page by page to the last", async () => {
  const seen: number[] = [];
  let before = "";
  for (let pages = 0; pages < 9; pages += 1) {
    const answer = (await ask(`/v1/audit?limit=2${before}`)).json();
    seen.push(...answer.entries.map(({ seq }: { seq: number }) => seq));
    if (answer.next_before === null) break;
    before = `&before=${answer.next_before}`;
  }
  expect(seen).toEqual([5, 4, 3, 2, 1]);
  const [first] = (await ask("/v1/audit?limit=1")).json().entries;
  expect(first).toMatchObject({ act: "test", subject: "t:5", details: { n: 5 } });
});

it.each(["/v1/audit", "/v1/audit/export"])(
  "%s is closed to whoever may not read it",
  async (url) => {
    const chains = await listAuditChains(handle.db);
    const of = async (headers: Record<string, string>, query = "") =>
      (await ask(`${url}${query}`, headers)).statusCode;
    expect(await of({})).toBe(401);
    expect(await of({ authorization: keys.events })).toBe(403);
    expect(await of({ authorization: keys.other }, `?merchant_id=${ours}`)).toBe(404);
    expect(await of({ authorization: keys.audit }, "?merchant_id=service")).toBe(404);
    expect(await of({ cookie: owner })).toBe(400);
    expect(await of({ cookie: owner }, "?merchant_id=mer_made_up")).toBe(404);
    expect(await of({ cookie: owner }, `?merchant_id=${theirs}`)).toBe(200);
    expect(await of({ cookie: owner }, "?merchant_id=service")).toBe(200);
    // A refused call leaves no chain behind; the export of `theirs` is the first act in theirs.
    const since = (await listAuditChains(handle.db)).filter((chain) => !chains.includes(chain));
    expect(since.filter((chain) => chain !== theirs && chain !== "service")).toEqual([]);
  },
);

it("an export is one merchant's, proves itself, and is itself in the log", async () => {
  const answer = await ask("/v1/audit/export", { authorization: keys.audit });
  expect([
    answer.statusCode,
    answer.headers["content-type"],
    answer.headers["cache-control"],
  ]).toEqual([200, "application/x-ndjson; charset=utf-8", "no-store"]);
  const checker = checkAuditExport({ keys: [signer.publicKey] });
  checker.take(answer.rawPayload);
  expect(checker.finish()).toMatchObject({ ok: true, entries: 6, chains: [{ chain: ours }] });
  const [newest] = await listAudit(handle.db, ours, { limit: 1 });
  expect(newest).toMatchObject({ act: "audit.export", actor: expect.stringMatching(/^api_key:/) });
});
