// Finds every secret: from the settings, or from `<data>/secrets/`, where a missing one is made once.
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Config } from "../../core/config.ts";
import { AppError } from "../../core/errors.ts";
import { SECRET_NAMES, type SecretName, type Secrets } from "../../core/settings.ts";

const LEAST_LENGTH = 32;

/**
 * All secrets by name. With an embedded store a missing one is made: 32 random bytes, mode 0600, in `<data>/secrets/`.
 * With servers only, a missing one is CONFIG_INVALID. A file that is there but too short is CONFIG_INVALID, never replaced:
 * what it sealed would be lost.
 */
export function resolveSecrets(
  config: Pick<Config, "secrets" | "clickhouse" | "postgres">,
  dataDir: string,
): Secrets {
  const embedded = config.clickhouse.kind === "embedded" || config.postgres.kind === "embedded";
  const found: Partial<Record<SecretName, string>> = {};
  for (const name of Object.keys(SECRET_NAMES) as SecretName[]) {
    const given = config.secrets[name];
    if (given !== undefined) found[name] = given;
    else if (embedded) found[name] = keptSecret(join(dataDir, "secrets"), name);
    else throw new AppError("CONFIG_INVALID", `TILLWATCH_${name} must be set.`);
  }
  return found as Secrets;
}

function keptSecret(folder: string, name: SecretName): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const secret = readIfThere(path) ?? make(path);
  if (secret.length < LEAST_LENGTH) {
    throw new AppError("CONFIG_INVALID", `${path} is damaged: it holds fewer than 32 characters.`);
  }
  chmodSync(path, 0o600);
  return secret;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (fault) {
    if (fault instanceof Error && "code" in fault && fault.code === "ENOENT") return undefined;
    throw fault;
  }
}

/** Written whole under another name first, so that a crash leaves no half of a key. */
function make(path: string): string {
  const draft = `${path}.${process.pid}.new`;
  const file = openSync(draft, "w", 0o600);
  try {
    writeSync(file, `${randomBytes(32).toString("base64url")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    // `link` refuses to replace: a secret that another process made meanwhile stays the one.
    linkSync(draft, path);
  } catch (fault) {
    if (!(fault instanceof Error && "code" in fault && fault.code === "EEXIST")) throw fault;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, "utf8").trim();
}
