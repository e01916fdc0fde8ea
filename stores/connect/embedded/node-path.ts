// Which Node runs the child: it reads TypeScript as it stands, so it must be 24 or newer.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AppError } from "../../../core/errors.ts";

/** In: the running Node's path and version, and the folder to look from. Throws CONFIG_INVALID when none fits. */
export function nodePath(
  execPath: string,
  version: string,
  from: string = import.meta.url,
): string {
  if (Number(version.replace(/^v/, "").split(".")[0]) >= 24) return execPath;
  for (let folder = new URL(".", from); ; folder = new URL("..", folder)) {
    const candidate = fileURLToPath(new URL("node_modules/.bin/node", folder));
    if (existsSync(candidate)) return candidate;
    if (folder.pathname === "/") break;
  }
  throw new AppError("CONFIG_INVALID", `Node 24 or newer is needed; this is ${version}.`);
}
