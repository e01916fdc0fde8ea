// `verify`: says of each signature whether it fits, whether its key is trusted, and whether it is in force.
import { createPublicKey, type KeyObject } from "node:crypto";
import { NotCanonical } from "../../playbooks/cacao/canonical.ts";
import { verifySignatures } from "../../playbooks/cacao/signature.ts";
import {
  nowOf,
  onlyFile,
  print,
  readFile,
  readValue,
  say,
  textFlags,
  type Verb,
  WrongUse,
} from "./verb.ts";

export const verify: Verb = {
  usage: `verify FILE [--key PEM]… [--now TIME]
      Checks a playbook's signatures; done (0) when one is good, in force, and by a trusted key.
      PEM   a file with a public key that you trust
      TIME  judge validity by this time instead of the clock`,
  run(paths, flags) {
    const path = onlyFile(paths);
    const trusted = textFlags(flags, "key").map(readKey);
    const value = readValue(path, flags);
    if (value === undefined) return 1;
    try {
      const signatures = verifySignatures(value, trusted, nowOf(flags));
      const isTrusted = signatures.some(({ verdict }) => verdict === "good_and_trusted");
      if (flags.json === true)
        print({
          file: path,
          trusted: isTrusted,
          verdict: signatures.length === 0 ? "none" : undefined,
          signatures,
        });
      else if (signatures.length === 0) say(`${path}: there is no signature.`);
      else
        for (const { id, verdict, message } of signatures)
          console.log(`${id}: ${verdict}: ${message}`);
      return isTrusted ? 0 : 1;
    } catch (error) {
      if (!(error instanceof NotCanonical)) throw error;
      say(`${path}: there is no canonical form: ${error.message}.`);
      return 1;
    }
  },
};

function readKey(path: string): KeyObject {
  const pem = readFile(path);
  if (pem.includes("PRIVATE KEY"))
    throw new WrongUse(`${path}: holds a private key. Give the public one.`);
  try {
    return createPublicKey(pem);
  } catch {
    throw new WrongUse(`${path}: holds no public key in PEM form.`);
  }
}
