// Signs the newest row of an audit chain, so that nobody without the key can write another history up to it.
import {
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/** Keys and signatures are hex: 64 and 128 digits, one writing each. */
export type AuditSigner = { publicKey: string; sign(text: string): string };

/** The newest row of a chain at a time (UTC ms), under a signature. */
export type SignedHead = {
  chain: string;
  seq: number;
  hash: string;
  at: number;
  public_key: string;
  signature: string;
};

/** DER of an Ed25519 private key without its 32 bytes. Source: RFC 8410 §7. */
const PRIVATE_KEY_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
/** DER of an Ed25519 public key without its 32 bytes. Source: RFC 8410 §4. */
const PUBLIC_KEY_HEAD = Buffer.from("302a300506032b6570032100", "hex");

/** The signer whose Ed25519 key follows from the secret AUDIT_KEY: the same secret gives the same key. */
export function auditSigner(secret: string): AuditSigner {
  const seed = Buffer.from(hkdfSync("sha256", secret, "", "tillwatch audit signature 1", 32));
  const key = createPrivateKey({
    key: Buffer.concat([PRIVATE_KEY_HEAD, seed]),
    format: "der",
    type: "pkcs8",
  });
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: der.subarray(PUBLIC_KEY_HEAD.length).toString("hex"),
    sign: (text) => sign(null, Buffer.from(text), key).toString("hex"),
  };
}

const KEY_FORM = /^[0-9a-f]{64}$/;
const SIGNATURE_FORM = /^[0-9a-f]{128}$/;

/** Whether the key's owner signed that text. A key or signature of another form is a no, not an error. */
export function signatureHolds(publicKey: string, text: string, signature: string): boolean {
  if (!KEY_FORM.test(publicKey) || !SIGNATURE_FORM.test(signature)) return false;
  const key = readKey(publicKey);
  return key !== undefined && verify(null, Buffer.from(text), key, Buffer.from(signature, "hex"));
}

/** The last key that was read: an export has one, or few after each other. */
let lastKey: { text: string; key: KeyObject } | undefined;

function readKey(publicKey: string): KeyObject | undefined {
  if (lastKey?.text === publicKey) return lastKey.key;
  const der = Buffer.concat([PUBLIC_KEY_HEAD, Buffer.from(publicKey, "hex")]);
  try {
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    lastKey = { text: publicKey, key };
    return key;
  } catch {
    return undefined;
  }
}

type Head = Pick<SignedHead, "chain" | "seq" | "hash" | "at">;

/** The first word keeps this signature from being taken for one of another kind. */
function headText({ chain, seq, hash, at }: Head): string {
  return JSON.stringify(["tillwatch-audit-head-1", chain, seq, hash, at]);
}

export function signHead(signer: AuditSigner, { chain, seq, hash, at }: Head): SignedHead {
  const head = { chain, seq, hash, at };
  return { ...head, public_key: signer.publicKey, signature: signer.sign(headText(head)) };
}

export function headHolds(head: SignedHead): boolean {
  return signatureHolds(head.public_key, headText(head), head.signature);
}
