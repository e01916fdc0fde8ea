// Encrypts secrets at rest, so that a copy of the database alone opens nothing.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { AppError } from "../../core/errors.ts";

const PREFIX = "v1.";
const IV_BYTES = 12;
const TAG_BYTES = 16;

function keyFrom(sealKey: string): Buffer {
  return Buffer.from(hkdfSync("sha256", sealKey, "", "tillwatch seal v1", 32));
}

/**
 * AES-256-GCM. In: the secret, SEAL_KEY, and `owner`, the id of the row that holds it: sealed text moved to another row
 * does not open. Out: `v1.` and base64url of IV, tag and ciphertext.
 */
export function seal(secret: string, sealKey: string, owner: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyFrom(sealKey), iv).setAAD(Buffer.from(owner));
  const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), text]).toString("base64url");
}

/** The secret again. Throws SECRET_MISSING when the key is another one or the text was changed. */
export function unseal(sealed: string, sealKey: string, owner: string): string {
  const bytes = Buffer.from(sealed.slice(PREFIX.length), "base64url");
  try {
    const decipher = createDecipheriv(
      "aes-256-gcm",
      keyFrom(sealKey),
      bytes.subarray(0, IV_BYTES),
      { authTagLength: TAG_BYTES },
    ).setAAD(Buffer.from(owner));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new AppError(
      "SECRET_MISSING",
      `The secret of ${owner} does not open: TILLWATCH_SEAL_KEY is not the key it was sealed with.`,
      { cause },
    );
  }
}
