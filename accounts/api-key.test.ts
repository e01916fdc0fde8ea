import { describe, expect, it } from "vitest";
import { makeApiKey, parseApiKey, sameText } from "./api-key.ts";
import { type Caller, mayReach } from "./authenticate.ts";
import { checkCsrf, csrfToken } from "./csrf.ts";
import { reachedMerchant, safeNext } from "./guard.ts";
import { cookieName } from "./session.ts";
import { countTries } from "./tries.ts";

const NOW = 1_764_000_000_000;

describe("API keys", () => {
  it("a made key parses to its id and hash, and keeps 256 bits", () => {
    const key = makeApiKey(NOW);
    expect(parseApiKey(key.text)).toEqual({ keyId: key.keyId, hash: key.hash });
    expect(key.text).toMatch(/^tw_[0-9A-Z]{26}_[A-Za-z0-9_-]{43}$/);
    expect(key.hash).not.toContain(key.text.slice(30));
    expect(makeApiKey(NOW).text).not.toBe(key.text);
  });

  it("random parts with _ and - parse too", () => {
    const key = makeApiKey(NOW, new Uint8Array(32).fill(255));
    expect(key.text).toContain("____");
    expect(parseApiKey(key.text)?.hash).toBe(key.hash);
  });

  const good = makeApiKey(NOW).text;
  it.each([
    { name: "nothing", text: "" },
    { name: "one character short", text: good.slice(0, -1) },
    { name: "one character long", text: `${good}A` },
    { name: "another prefix", text: good.replace("tw_", "tx_") },
    { name: "lower-case id", text: good.slice(0, 29).toLowerCase() + good.slice(29) },
    { name: "a megabyte", text: `tw_${"A".repeat(1_000_000)}` },
    { name: "a line break at its end", text: `${good.slice(0, -1)}\n` },
  ])("$name is no key", ({ text }) => {
    expect(parseApiKey(text)).toBeUndefined();
  });
});

it.each([
  { a: "", b: "", same: true },
  { a: "abc", b: "abc", same: true },
  { a: "abc", b: "abd", same: false },
  { a: "abc", b: "abcd", same: false },
])("$a and $b are the same: $same", ({ a, b, same }) => {
  expect(sameText(a, b)).toBe(same);
});

const key: Caller = { kind: "api_key", keyId: "k", merchantId: "mer_a", scopes: ["events:write"] };
const owner: Caller = { kind: "session", sessionId: "s", accountId: "owner", merchantIds: "all" };

describe("who may reach what (promise 3)", () => {
  it.each([
    { caller: key, merchant: "mer_a", scope: "events:write", may: true },
    { caller: key, merchant: "mer_a", scope: "alerts:read", may: false },
    { caller: key, merchant: "mer_b", scope: "events:write", may: false },
    { caller: key, merchant: "", scope: "events:write", may: false },
    { caller: owner, merchant: "mer_b", scope: "alerts:write", may: true },
  ] as const)("$caller.kind at $merchant with $scope: $may", ({ caller, merchant, scope, may }) => {
    expect(mayReach(caller, merchant, scope)).toBe(may);
  });

  it.each([
    {
      name: "a key reaches its own merchant unasked",
      caller: key,
      scope: "events:write",
      gives: "mer_a",
    },
    {
      name: "a key without the right is told which",
      caller: key,
      scope: "alerts:read",
      code: "FORBIDDEN",
    },
    {
      name: "another's merchant is not there, right or no right",
      caller: key,
      scope: "alerts:read",
      asked: "mer_b",
      code: "NOT_FOUND",
    },
    {
      name: "a person must say which",
      caller: owner,
      scope: "alerts:read",
      code: "REQUEST_INVALID",
    },
    {
      name: "a person who says which reaches it",
      caller: owner,
      scope: "alerts:read",
      asked: "mer_b",
      gives: "mer_b",
    },
  ] as const)("$name", (row) => {
    const asked = "asked" in row ? row.asked : undefined;
    if ("gives" in row) expect(reachedMerchant(row.caller, row.scope, asked)).toBe(row.gives);
    else {
      expect(() => reachedMerchant(row.caller, row.scope, asked)).toThrow(
        expect.objectContaining({ code: row.code }),
      );
    }
  });
});

describe("form tokens", () => {
  const secret = "k".repeat(40);
  it.each([
    { name: "its own", caller: owner, token: csrfToken({ sessionId: "s" }, secret), ok: true },
    {
      name: "another session's",
      caller: owner,
      token: csrfToken({ sessionId: "t" }, secret),
      ok: false,
    },
    {
      name: "under another key",
      caller: owner,
      token: csrfToken({ sessionId: "s" }, "z".repeat(40)),
      ok: false,
    },
    { name: "none", caller: owner, token: undefined, ok: false },
    { name: "a list", caller: owner, token: [csrfToken({ sessionId: "s" }, secret)], ok: false },
    { name: "none, from a key", caller: key, token: undefined, ok: true },
  ])("$name: $ok", ({ caller, token, ok }) => {
    expect(checkCsrf(caller, token, secret)).toBe(ok);
  });
});

it.each([
  { next: "/alerts/al_1?x=1", to: "/alerts/al_1?x=1" },
  { next: "//evil.example", to: "/" },
  { next: "/\\evil.example", to: "/" },
  { next: "https://evil.example", to: "/" },
  { next: "/a\r\nset-cookie: x=1", to: "/" },
  { next: "/sign-out", to: "/" },
  { next: ["/a"], to: "/" },
  { next: undefined, to: "/" },
  { next: `/${"a".repeat(600)}`, to: "/" },
])("after signing in with next=$next a person goes on to $to", ({ next, to }) => {
  expect(safeNext(next)).toBe(to);
});

it.each([
  { url: "https://pos.example", name: "__Host-tillwatch" },
  { url: "http://localhost:8080", name: "tillwatch" },
])("at $url the cookie is named $name", ({ url, name }) => {
  expect(cookieName(url)).toBe(name);
});

describe("failed tries", () => {
  it("the limit holds per address, and ends with its window", () => {
    const tries = countTries(2, 1000);
    for (const at of [0, 500]) tries.failed("10.0.0.1", at);
    expect(tries.mayTry("10.0.0.1", 999)).toEqual({ ok: false, retryAfterS: 1 });
    expect(tries.mayTry("10.0.0.2", 999)).toEqual({ ok: true });
    expect(tries.mayTry("10.0.0.1", 1000)).toEqual({ ok: true });
  });

  it.each([
    { name: "the same IPv4 written as IPv6", a: "10.0.0.1", b: "::ffff:10.0.0.1", same: true },
    {
      name: "two addresses of one IPv6 network",
      a: "2001:db8::1",
      b: "2001:db8::ffff:2",
      same: true,
    },
    { name: "two IPv6 networks", a: "2001:db8::1", b: "2001:db8:0:1::1", same: false },
  ])("$name count as one: $same", ({ a, b, same }) => {
    const tries = countTries(1, 1000);
    tries.failed(a, 0);
    expect(tries.mayTry(b, 1).ok).toBe(!same);
  });
});
