// npm writes builds for other platforms into the lock file only where it can fetch them; this finds and adds the rest.

type LockedPackage = {
  version?: string;
  resolved?: string;
  optional?: boolean;
  os?: string | string[];
  cpu?: string | string[];
  libc?: string[];
  bin?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  [key: string]: unknown;
};
export type LockFile = { packages: Record<string, LockedPackage>; [key: string]: unknown };

/** A platform build that the lock file asks for and does not hold. */
export type MissingBuild = { askedBy: string; name: string; version: string };

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "x64"];

/** Where npm would find `name` for the package at `from`: the nearest node_modules on the way up. */
function isLocked(lock: LockFile, from: string, name: string): boolean {
  for (let at = from; ; ) {
    if (lock.packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`] !== undefined)
      return true;
    if (at === "") return false;
    at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")));
  }
}

export function missingBuilds(lock: LockFile): MissingBuild[] {
  const missing: MissingBuild[] = [];
  for (const [askedBy, locked] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      if (!isLocked(lock, askedBy, name)) missing.push({ askedBy, name, version });
    }
  }
  return missing;
}

/** What a build runs on, read off its name: `lib-linux-arm64-gnu` is Linux, arm64, glibc. */
export function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  const isMusl = words.some((word) => word.startsWith("musl"));
  const libc = words.includes("gnu") ? "glibc" : isMusl ? "musl" : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) };
}

/**
 * The lock file with each missing build added as npm would write it, but for its hash, which npm takes from the
 * registry of who installs it. What a build brings to node_modules/.bin is copied from a sibling.
 */
export function completeLock(lock: LockFile): LockFile {
  const packages = { ...lock.packages };
  for (const { name, version, askedBy } of missingBuilds(lock)) {
    const siblings = Object.keys(lock.packages[askedBy]?.optionalDependencies ?? {});
    const bin = siblings.map((sibling) => packages[`node_modules/${sibling}`]?.bin).find(Boolean);
    const build = { version, optional: true, ...platformOf(name), ...(bin && { bin }) };
    packages[`node_modules/${name}`] = build;
  }
  const order = (a: string, b: string) => a.localeCompare(b, "en");
  const sorted = Object.keys(packages).sort(order);
  return { ...lock, packages: Object.fromEntries(sorted.map((key) => [key, packages[key] ?? {}])) };
}

/** What is wrong with a lock file, each with its remedy. */
export function lockFaults(lock: LockFile): string[] {
  const faults = missingBuilds(lock).map(
    ({ name, version }) => `${name}@${version} is missing, so that its platform cannot install it.`,
  );
  if (!Object.keys(lock.packages).some((key) => key.includes("darwin-arm64"))) {
    faults.push("No build for macOS (darwin-arm64) is there at all.");
  }
  for (const [key, locked] of Object.entries(lock.packages)) {
    if (locked.resolved?.startsWith("http")) faults.push(`${key} names the host of a registry.`);
  }
  return faults;
}
