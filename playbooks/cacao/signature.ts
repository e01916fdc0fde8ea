// Signatures of playbooks (CACAO's own form of JSS). A key inside the object proves nothing: trust comes from the caller's list.
import {
  constants,
  createHash,
  createPublicKey,
  type KeyObject,
  verify,
  X509Certificate,
} from "node:crypto";
import { canonicalJson } from "./canonical.ts";
import { timestampMs } from "./formats.ts";
import { isObject, itemsOf, type Json, memberOf, textOf } from "./problem.ts";

export type Verdict =
  | "good_and_trusted"
  | "good_but_unknown_key"
  | "expired"
  | "revoked"
  | "bad"
  | "unsupported";

/** `signature` is the arithmetic alone; `in_force` the signature's own dates; `verdict` the two and trust in one word. */
export type SignatureReport = {
  id: string;
  signature: "good" | "bad" | "unsupported";
  trusted: boolean;
  in_force: boolean;
  verdict: Verdict;
  /** Hex digest of the canonical form: what was signed, as text. */
  digest: string | null;
  message: string;
};

type Method = {
  hash: string;
  keyType: string;
  curve?: string;
  options?: { padding?: number; saltLength?: number; dsaEncoding?: "ieee-p1363" };
};

const pss = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};
const raw = { dsaEncoding: "ieee-p1363" } as const;
// The curve goes with the hash. Source: RFC 7518 §3.4.
const METHODS: Readonly<Record<string, Method>> = {
  RS256: { hash: "sha256", keyType: "rsa" },
  RS384: { hash: "sha384", keyType: "rsa" },
  RS512: { hash: "sha512", keyType: "rsa" },
  PS256: { hash: "sha256", keyType: "rsa", options: pss },
  PS384: { hash: "sha384", keyType: "rsa", options: pss },
  PS512: { hash: "sha512", keyType: "rsa", options: pss },
  ES256: { hash: "sha256", keyType: "ec", curve: "prime256v1", options: raw },
  ES384: { hash: "sha384", keyType: "ec", curve: "secp384r1", options: raw },
  ES512: { hash: "sha512", keyType: "ec", curve: "secp521r1", options: raw },
  Ed25519: { hash: "", keyType: "ed25519" },
  Ed448: { hash: "", keyType: "ed448" },
};
const MIN_RSA_BITS = 2048;

/** The digest that a signature is made over: the playbook with this signature alone, and that without its value. */
function signedDigest(playbook: Json, signature: Json): string {
  const { value: _value, ...unsigned } = signature;
  const hash = signature.hash_algorithm === "sha-512" ? "sha512" : "sha256";
  const text = canonicalJson({ ...playbook, signatures: [unsigned] });
  return createHash(hash).update(text, "utf8").digest("hex");
}

/**
 * In: the playbook as parsed, valid or not; the keys that are trusted; the time (UTC ms).
 * Out: one report a signature. Throws NotCanonical when the playbook has no canonical form.
 */
export function verifySignatures(
  playbook: unknown,
  trusted: readonly KeyObject[],
  nowMs: number,
): SignatureReport[] {
  if (!isObject(playbook)) return [];
  return itemsOf(playbook.signatures).map((signature) =>
    report(playbook, signature, { trusted, nowMs }),
  );
}

type Judge = { trusted: readonly KeyObject[]; nowMs: number };

function report(playbook: Json, signature: unknown, { trusted, nowMs }: Judge): SignatureReport {
  if (!isObject(signature)) return { ...NOTHING, message: "The signature is no object." };
  const result = compute(playbook, signature, trusted);
  const from = timestampMs(textOf(signature.valid_from) ?? "") ?? Number.NEGATIVE_INFINITY;
  const until = timestampMs(textOf(signature.valid_until) ?? "") ?? Number.POSITIVE_INFINITY;
  const inForce = signature.revoked !== true && from <= nowMs && nowMs < until;
  const isTrusted =
    result.key !== undefined && trusted.some((key) => key.equals(result.key as KeyObject));
  const verdict = verdictOf(result.outcome, {
    isTrusted,
    inForce,
    isRevoked: signature.revoked === true,
  });
  return {
    id: textOf(signature.id) ?? "",
    signature: result.outcome,
    trusted: isTrusted,
    in_force: inForce,
    verdict,
    digest: result.digest,
    message: result.message ?? WORDS[verdict],
  };
}

const NOTHING: SignatureReport = {
  id: "",
  signature: "bad",
  trusted: false,
  in_force: false,
  verdict: "bad",
  digest: null,
  message: "",
};

const WORDS: Record<Verdict, string> = {
  good_and_trusted: "The signature is good, its key is trusted, and it is in force.",
  good_but_unknown_key: "The signature is good, but nobody here trusts its key.",
  expired: "The signature is good, but not in force at this time.",
  revoked: "The signature was revoked by its maker.",
  bad: "The signature does not fit the playbook.",
  unsupported: "The signature cannot be checked here.",
};

function verdictOf(
  outcome: SignatureReport["signature"],
  { isTrusted, inForce, isRevoked }: { isTrusted: boolean; inForce: boolean; isRevoked: boolean },
): Verdict {
  if (outcome !== "good") return outcome;
  if (isRevoked) return "revoked";
  if (!inForce) return "expired";
  return isTrusted ? "good_and_trusted" : "good_but_unknown_key";
}

type Result = {
  outcome: SignatureReport["signature"];
  digest: string | null;
  key?: KeyObject;
  message?: string;
};

function compute(playbook: Json, signature: Json, trusted: readonly KeyObject[]): Result {
  const algorithm = textOf(signature.algorithm) ?? "";
  if (signature.type !== "jss") return bad("It is no signature: its type is not jss.");
  if (algorithm.startsWith("HS"))
    return bad("A shared secret signs nothing here (HS algorithms are refused).");
  if (!Object.hasOwn(METHODS, algorithm)) {
    return {
      outcome: "unsupported",
      digest: null,
      message: `The algorithm ${JSON.stringify(algorithm)} cannot be checked here.`,
    };
  }
  if (!["sha-256", "sha-512"].includes(textOf(signature.hash_algorithm) ?? ""))
    return bad("Its hash_algorithm is neither sha-256 nor sha-512.");
  if (signature.related_to !== playbook.id || signature.related_version !== playbook.modified)
    return bad("It belongs to another playbook or version.");
  const value = textOf(signature.value) ?? "";
  if (!/^[A-Za-z0-9_-]+$/.test(value)) return bad("Its value is not base64url without padding.");
  const digest = signedDigest(playbook, signature);
  const keys = keysFor(signature, trusted);
  if (keys === undefined) return { outcome: "bad", digest, message: "Its key cannot be read." };
  const method = METHODS[algorithm] as Method;
  const key = keys.find((candidate) => fits(candidate, method, { digest, value }));
  if (key !== undefined) return { outcome: "good", digest, key };
  const isElsewhere =
    textOf(signature.public_key) === undefined && signature.public_cert_chain === undefined;
  if (isElsewhere)
    return {
      outcome: "unsupported",
      digest,
      message: "Its key is not in it, and no trusted key fits. Addresses are not fetched.",
    };
  return { outcome: "bad", digest };
}

const bad = (message: string): Result => ({ outcome: "bad", digest: null, message });

/** The key in the signature; where it only names one, the trusted keys. */
function keysFor(signature: Json, trusted: readonly KeyObject[]): readonly KeyObject[] | undefined {
  const body = textOf(signature.public_key);
  const certificate = textOf(itemsOf(signature.public_cert_chain)[0]);
  try {
    if (body !== undefined)
      return [createPublicKey({ key: Buffer.from(body, "base64"), format: "der", type: "spki" })];
    if (certificate !== undefined)
      return [new X509Certificate(Buffer.from(certificate, "base64")).publicKey];
  } catch {
    return undefined;
  }
  return memberOf(signature, "public_cert_chain") === undefined ? trusted : undefined;
}

/** What is signed is the digest written as lower-case hex, as text: so the committee's own example has it. */
function fits(
  key: KeyObject,
  { hash, keyType, curve, options }: Method,
  { digest, value }: { digest: string; value: string },
): boolean {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType !== keyType) return false;
  if (keyType === "rsa" && (details?.modulusLength ?? 0) < MIN_RSA_BITS) return false;
  if (curve !== undefined && details?.namedCurve !== curve) return false;
  try {
    const bytes = Buffer.from(value, "base64url");
    return verify(
      hash === "" ? null : hash,
      Buffer.from(digest, "ascii"),
      { key, ...options },
      bytes,
    );
  } catch {
    return false;
  }
}
