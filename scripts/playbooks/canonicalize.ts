// `canonicalize`: the one way to write a JSON value, and its digest.
import { createHash } from "node:crypto";
import { canonicalJson, NotCanonical } from "../../playbooks/cacao/canonical.ts";
import { onlyFile, print, readValue, say, type Verb } from "./verb.ts";

export const canonicalize: Verb = {
  usage: `canonicalize FILE
      Writes the canonical JSON (RFC 8785) of any JSON or YAML value, without a line break at its end;
      with --json {canonical, sha256}.`,
  run(paths, flags) {
    const path = onlyFile(paths);
    const value = readValue(path, flags);
    if (value === undefined) return 1;
    try {
      const canonical = canonicalJson(value);
      const sha256 = createHash("sha256").update(canonical, "utf8").digest("hex");
      if (flags.json === true) print({ canonical, sha256 });
      else process.stdout.write(canonical);
      return 0;
    } catch (error) {
      if (!(error instanceof NotCanonical)) throw error;
      if (flags.json === true)
        print({ problems: [{ code: "not_canonical", message: error.message }] });
      say(`${path}: there is no canonical form: ${error.message}.`);
      return 1;
    }
  },
};
