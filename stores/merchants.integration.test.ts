import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addApiKey, findApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import type { PostgresHandle } from "./connect/postgres.ts";
import { testPostgres } from "./connect/testing.ts";
import { createMerchant, findMerchant, listMerchants, setMerchantEmails } from "./merchants.ts";
import {
  listStaff,
  listStores,
  listTerminals,
  rememberSeen,
  upsertStaff,
  upsertStore,
} from "./places.ts";
import {
  addSource,
  confirmAccount,
  countSources,
  findSource,
  listSources,
  proposeAccount,
  removeSource,
  replaceSecret,
  SECRET_OVERLAP_MS,
} from "./sources.ts";

const NOW = 1_764_000_000_000;
const KEY = "k".repeat(40);
const SHOP = {
  name: "Corner Shop",
  zone: "Europe/London",
  currency: "GBP",
  emails: [],
  is_demo: false,
};
const NASTY = `'; DROP TABLE tillwatch.merchant; -- <script>alert("x")</script> 😀`;

let handle: PostgresHandle;
let one: string;
let two: string;

beforeAll(async () => {
  handle = await testPostgres();
  one = (await createMerchant(handle.db, SHOP, NOW)).id;
  two = (await createMerchant(handle.db, { ...SHOP, name: "Other" }, NOW + 1)).id;
});
afterAll(() => handle.close());

const notFound = expect.objectContaining({ code: "NOT_FOUND" });

describe("merchants", () => {
  it("come back as they were made, whatever their name holds", async () => {
    const made = await createMerchant(
      handle.db,
      { ...SHOP, name: NASTY, emails: ["a@b.example"] },
      NOW,
    );
    expect(await findMerchant(handle.db, made.id)).toEqual(made);
    expect(made).toMatchObject({ name: NASTY, language: "en", created_at: NOW });
    expect((await listMerchants(handle.db)).map(({ id }) => id)).toContain(made.id);
  });

  it("an id is given once", async () => {
    const demo = { ...SHOP, id: "mer_demo", is_demo: true };
    await createMerchant(handle.db, demo, NOW);
    await expect(createMerchant(handle.db, demo, NOW)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("addresses are replaced for that merchant alone", async () => {
    await setMerchantEmails(handle.db, one, ["x@y.example"]);
    expect((await findMerchant(handle.db, one))?.emails).toEqual(["x@y.example"]);
    expect((await findMerchant(handle.db, two))?.emails).toEqual([]);
    await expect(setMerchantEmails(handle.db, "mer_none", [])).rejects.toEqual(notFound);
  });

  it.each([
    { name: "an empty name", change: { name: "" } },
    { name: "a name of a megabyte", change: { name: "x".repeat(1_000_000) } },
    { name: "a currency that is none", change: { currency: "eur" } },
    { name: "an id with a quote", change: { id: "a'b" } },
  ])("the table itself refuses $name", async ({ change }) => {
    await expect(createMerchant(handle.db, { ...SHOP, ...change }, NOW)).rejects.toThrow(/check/);
  });
});

describe("places", () => {
  const hours = [{ from: 480, to: 1200 }, null, null, null, null, { from: 1080, to: 1560 }, null];

  it("a shop takes from its merchant what is not said, and keeps what is not changed", async () => {
    await upsertStore(handle.db, one, { id: "s1", opening_hours: hours });
    const changed = await upsertStore(handle.db, one, { id: "s1", lat: 51.5, lon: -0.1 });
    expect(changed).toEqual({
      id: "s1",
      merchant_id: one,
      name: "s1",
      zone: "Europe/London",
      currency: "GBP",
      lat: 51.5,
      lon: -0.1,
      opening_hours: hours,
      confirmed: true,
    });
    expect(await listStores(handle.db, two)).toEqual([]);
  });

  it("names seen in events are noted unconfirmed and never overwrite the owner's word", async () => {
    await upsertStaff(handle.db, one, { cashier_id: "c1", name: "Ana", active: false });
    const seen = {
      stores: ["s1", "s2"],
      terminals: [
        { id: "t1", store_id: "s3" },
        { id: "t2", store_id: null },
      ],
      cashiers: ["c1", "c2", "c2", NASTY, "", "x".repeat(129), "nul\0"],
    };
    await rememberSeen(handle.db, one, seen);
    await rememberSeen(handle.db, one, seen);
    expect((await listStores(handle.db, one)).map(({ id, confirmed }) => [id, confirmed])).toEqual([
      ["s1", true],
      ["s2", false],
      ["s3", false],
    ]);
    expect((await listTerminals(handle.db, one)).map(({ id, store_id }) => [id, store_id])).toEqual(
      [
        ["t1", "s3"],
        ["t2", null],
      ],
    );
    const staff = await listStaff(handle.db, one);
    expect(staff).toHaveLength(3);
    expect(staff).toContainEqual({
      cashier_id: "c1",
      merchant_id: one,
      name: "Ana",
      role: "cashier",
      active: false,
      confirmed: true,
    });
  });

  it("the same names belong to two merchants without touching", async () => {
    await upsertStaff(handle.db, two, { cashier_id: "c1", name: "Ben" });
    const names = async (id: string) =>
      (await listStaff(handle.db, id)).find(({ cashier_id }) => cashier_id === "c1")?.name;
    expect([await names(one), await names(two)]).toEqual(["Ana", "Ben"]);
  });

  it.each([
    { name: "a shop", act: () => upsertStore(handle.db, "mer_none", { id: "s" }) },
    { name: "staff", act: () => upsertStaff(handle.db, "mer_none", { cashier_id: "c" }) },
    { name: "what was seen", act: () => rememberSeen(handle.db, "mer_none", { stores: ["s"] }) },
  ])("$name of no merchant is refused", async ({ act }) => {
    await expect(act()).rejects.toEqual(notFound);
  });
});

describe("sources", () => {
  const source = () => ({
    merchant_id: one,
    kind: "square" as const,
    secret: "signing-secret-of-the-provider",
    account: null,
    mode: "any" as const,
    url: "https://pos.example/in/square/{id}",
  });

  it("a secret opens again, and rests nowhere in the clear", async () => {
    const made = await addSource(handle.db, source(), KEY, NOW);
    expect(made.url).toBe(`https://pos.example/in/square/${made.id}`);
    const found = await findSource(handle.db, made.id, KEY, NOW);
    expect(found).toEqual({ connection: made, secrets: ["signing-secret-of-the-provider"] });
    const { rows } = await handle.pool.query("SELECT s::text AS row FROM tillwatch.source s");
    expect(JSON.stringify(rows)).not.toContain("signing-secret");
  });

  it("a replaced secret is accepted for its overlap and no longer", async () => {
    const { id } = await addSource(handle.db, source(), KEY, NOW);
    const next = { merchantId: one, sourceId: id, secret: "the-new-secret" };
    await replaceSecret(handle.db, next, KEY, NOW);
    const secrets = async (at: number) => (await findSource(handle.db, id, KEY, at))?.secrets;
    expect(await secrets(NOW + SECRET_OVERLAP_MS - 1)).toEqual([
      "the-new-secret",
      "signing-secret-of-the-provider",
    ]);
    expect(await secrets(NOW + SECRET_OVERLAP_MS)).toEqual(["the-new-secret"]);
  });

  it("another key, or a sealed text from another row, opens nothing", async () => {
    const a = await addSource(handle.db, source(), KEY, NOW);
    const b = await addSource(handle.db, { ...source(), secret: "another-secret" }, KEY, NOW);
    await expect(findSource(handle.db, a.id, "z".repeat(40), NOW)).rejects.toMatchObject({
      code: "SECRET_MISSING",
    });
    await handle.pool.query(
      "UPDATE tillwatch.source SET secret = (SELECT secret FROM tillwatch.source WHERE id = $1) WHERE id = $2",
      [b.id, a.id],
    );
    await expect(findSource(handle.db, a.id, KEY, NOW)).rejects.toMatchObject({
      code: "SECRET_MISSING",
    });
  });

  it("an account is proposed once, confirmed by the owner, and then stays", async () => {
    const { id } = await addSource(handle.db, source(), KEY, NOW);
    await expect(confirmAccount(handle.db, one, id)).rejects.toMatchObject({ code: "CONFLICT" });
    await proposeAccount(handle.db, one, id, "first");
    await proposeAccount(handle.db, one, id, "second");
    const read = async () => (await findSource(handle.db, id, KEY, NOW))?.connection;
    expect(await read()).toMatchObject({ account: "first", account_confirmed: false });
    await confirmAccount(handle.db, one, id);
    await proposeAccount(handle.db, one, id, "third");
    expect(await read()).toMatchObject({ account: "first", account_confirmed: true });
  });

  it("another merchant can neither see nor change it", async () => {
    const { id } = await addSource(handle.db, source(), KEY, NOW);
    expect((await listSources(handle.db, two)).map((each) => each.id)).not.toContain(id);
    const secret = { merchantId: two, sourceId: id, secret: "stolen-stolen" };
    await expect(replaceSecret(handle.db, secret, KEY, NOW)).rejects.toEqual(notFound);
    await expect(removeSource(handle.db, two, id)).rejects.toEqual(notFound);
    await expect(confirmAccount(handle.db, two, id, "mine")).rejects.toEqual(notFound);
    await proposeAccount(handle.db, two, id, "mine");
    const found = await findSource(handle.db, id, KEY, NOW);
    expect(found?.connection.account).toBeNull();
    expect(found?.secrets).toEqual(["signing-secret-of-the-provider"]);
  });

  it.each(["", "src_", "src_' OR 1=1 --", "x".repeat(100_000), "SRC_01M88724J8PTD9VWEX37R7GSPM"])(
    "an address with the id %.40s finds nothing",
    async (id) => {
      expect(await findSource(handle.db, id, KEY, NOW)).toBeUndefined();
    },
  );

  it("those of the demo do not count", async () => {
    const before = await countSources(handle.db);
    const demo = await createMerchant(handle.db, { ...SHOP, is_demo: true }, NOW);
    await addSource(handle.db, { ...source(), merchant_id: demo.id }, KEY, NOW);
    expect(await countSources(handle.db)).toBe(before);
    const { id } = await addSource(handle.db, source(), KEY, NOW);
    expect(await countSources(handle.db)).toBe(before + 1);
    await removeSource(handle.db, one, id);
    expect(await countSources(handle.db)).toBe(before);
    await expect(
      addSource(handle.db, { ...source(), merchant_id: "mer_none" }, KEY, NOW),
    ).rejects.toEqual(notFound);
  });
});

describe("API keys", () => {
  it("one merchant cannot end or list another's", async () => {
    const key = {
      id: "01M88724J8770KZZ4384HCYCTE",
      hash: "a".repeat(64),
      scopes: ["events:write"],
      expires_at: null,
    };
    await addApiKey(handle.db, one, key, NOW);
    await expect(revokeApiKey(handle.db, two, key.id, NOW)).rejects.toEqual(notFound);
    expect(await listApiKeys(handle.db, two)).toEqual([]);
    await revokeApiKey(handle.db, one, key.id, NOW + 1);
    await revokeApiKey(handle.db, one, key.id, NOW + 2);
    expect((await findApiKey(handle.db, key.id))?.revoked_at).toBe(NOW + 1);
    expect(Object.keys((await listApiKeys(handle.db, one))[0] ?? {})).not.toContain("hash");
  });
});
