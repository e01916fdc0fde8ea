// Signs by hand with node:crypto, step by step as the specification says, so that the code under test never judges itself.
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { expect, it } from "vitest";
import { canonicalJson } from "./canonical.ts";
import type { Json } from "./problem.ts";
import { verifySignatures } from "./signature.ts";
import { HEAD, id, smallPlaybook } from "./testing.ts";
import { validatePlaybook } from "./validate.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const ed = generateKeyPairSync("ed25519");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const body = (key: KeyObject) => key.export({ format: "der", type: "spki" }).toString("base64");

type Signing = { bytes?(digest: string, text: string): Buffer; hash?: string; fields?: Json };

function signed(
  keys: { publicKey: KeyObject; privateKey: KeyObject },
  algorithm: string,
  signing: Signing = {},
): Json {
  const playbook = smallPlaybook();
  const signature: Json = {
    type: "jss",
    id: id("jss", 300),
    created: "2026-11-25T10:00:00.000Z",
    modified: "2026-11-25T10:00:00.000Z",
    signee: "Tillwatch",
    related_to: HEAD.id,
    related_version: HEAD.modified,
    hash_algorithm: "sha-256",
    algorithm,
    public_key: body(keys.publicKey),
    ...signing.fields,
  };
  const text = canonicalJson({ ...playbook, signatures: [signature] });
  const digest = createHash("sha256").update(text).digest("hex");
  const bytes = signing.bytes?.(digest, text) ?? Buffer.from(digest, "ascii");
  const key = { key: keys.privateKey, dsaEncoding: "ieee-p1363" as const };
  const value = sign(signing.hash ?? null, bytes, key).toString("base64url");
  return { ...playbook, signatures: [{ ...signature, value }] };
}

const verdict = (playbook: Json, trusted: KeyObject[] = [ed.publicKey], now = NOW) =>
  verifySignatures(playbook, trusted, now).map(({ verdict }) => verdict);

it.each([
  ["Ed25519", ed, undefined],
  ["RS256", rsa, "sha256"],
  ["ES256", p256, "sha256"],
] as const)(
  "takes a signature by %s over the digest in hex, and the playbook stays valid",
  (algorithm, keys, hash) => {
    const playbook = signed(keys, algorithm, { hash });
    expect(verdict(playbook, [keys.publicKey])).toEqual(["good_and_trusted"]);
    expect(validatePlaybook(playbook)).toEqual([]);
  },
);

it.each([
  ["the canonical text itself", (_digest: string, text: string) => Buffer.from(text)],
  ["the digest's bytes", (digest: string) => Buffer.from(digest, "hex")],
  ["upper-case hex", (digest: string) => Buffer.from(digest.toUpperCase())],
])("refuses a signature over %s", (_what, bytes) => {
  expect(verdict(signed(ed, "Ed25519", { bytes }))).toEqual(["bad"]);
});

it("a changed byte anywhere spoils the signature", () => {
  const text = JSON.stringify(signed(ed, "Ed25519"));
  for (const [from, to] of [
    ["Call the shop.", "Call the shop!"],
    ["Hold a till", "Hold a Till"],
    ["Shift lead", "Shift Lead"],
    ['"signee":"Tillwatch"', '"signee":"tillwatch"'],
  ] as const) {
    expect(text).toContain(from);
    expect(verdict(JSON.parse(text.replace(from, to)))).toEqual(["bad"]);
  }
});

it("the order of keys, and other signatures beside it, change nothing", () => {
  const playbook = signed(ed, "Ed25519");
  const turned = Object.fromEntries(Object.entries(playbook).reverse());
  expect(verdict(turned)).toEqual(["good_and_trusted"]);
  const [mine] = playbook.signatures as Json[];
  expect(verdict({ ...playbook, signatures: [{ ...mine, value: "AAAA" }, mine] })).toEqual([
    "bad",
    "good_and_trusted",
  ]);
});

it.each<[string, string, Json, Partial<{ trusted: KeyObject[]; now: number }>]>([
  ["a key that nobody trusts", "good_but_unknown_key", {}, { trusted: [] }],
  ["one past its end", "expired", { valid_until: "2026-11-25T12:00:00Z" }, {}],
  ["one before its begin", "expired", { valid_from: "2026-11-25T12:00:00.001Z" }, {}],
  ["a revoked one", "revoked", { revoked: true }, {}],
  ["one of another playbook", "bad", { related_to: id("playbook", 7) }, {}],
  ["one of another version", "bad", { related_version: "2026-11-24T10:00:00.000Z" }, {}],
  ["a shared secret", "bad", { algorithm: "HS256" }, {}],
  ["XMSS", "unsupported", { algorithm: "XMSS" }, {}],
  ["an algorithm that is not the key's", "bad", { algorithm: "RS256" }, {}],
  ["a key that cannot be read", "bad", { public_key: "some public key" }, {}],
  [
    "a key that stands at an address",
    "good_and_trusted",
    { public_key: undefined, cert_url: "https://example.com/c" },
    {},
  ],
])("says of %s: %s", (_what, expected, fields, { trusted = [ed.publicKey], now = NOW }) => {
  const given = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  );
  const playbook = signed(ed, "Ed25519", { fields: given });
  if ("public_key" in fields && fields.public_key === undefined) {
    // Signed again without the key: only its address stands there.
    expect(verdict(withoutKey(given), trusted, now)).toEqual([expected]);
    expect(verdict(withoutKey(given), [], now)).toEqual(["unsupported"]);
  } else expect(verdict(playbook, trusted, now)).toEqual([expected]);
});

function withoutKey(fields: Json): Json {
  const { signatures, ...playbook } = signed(ed, "Ed25519", { fields });
  const [{ value: _value, public_key: _key, ...signature } = {}] = signatures as Json[];
  const digest = createHash("sha256")
    .update(canonicalJson({ ...playbook, signatures: [signature] }))
    .digest("hex");
  const value = sign(null, Buffer.from(digest), ed.privateKey).toString("base64url");
  return { ...playbook, signatures: [{ ...signature, value }] };
}

it("refuses an RSA key under 2048 bits", () => {
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  expect(verdict(signed(weak, "RS256", { hash: "sha256" }), [weak.publicKey])).toEqual(["bad"]);
});

it.each([
  ["no list", {}],
  ["a text", { signatures: "x" }],
  ["a list of nothing", { signatures: [null] }],
])("takes %s for signatures without a crash", (_what, playbook) => {
  for (const report of verifySignatures(playbook, [], NOW)) expect(report.verdict).toBe("bad");
});
