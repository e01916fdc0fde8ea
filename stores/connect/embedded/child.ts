// The child process that owns the embedded engine: a crash of the engine ends this process and not the service.
// The service starts it, sends one line of JSON over stdin, and closing stdin ends it, so that the folder is free again.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { openEngine } from "./engine.ts";
import { errorText } from "./engine-error.ts";
import type { Role } from "./http-subset.ts";
import { makeListener } from "./listener.ts";

/** Sent by the service as the first line. Keys come as SHA-256 in hex. */
export type ChildStart = {
  dataDir: string;
  configFile: string;
  landingDir: string;
  readers: number;
  keys: Record<Role, string>;
};

/** One line of JSON on stdout: that it listens, or something for the log. */
export type ChildSays =
  | { ready: { port: number; version: string } }
  | { log: "debug" | "warn" | "error"; sentence: string; fields: Record<string, unknown> };

function say(what: ChildSays): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

/** The role that a Basic authorization proves, or undefined. */
function roleOf(keys: Record<Role, string>, header: string | undefined): Role | undefined {
  const [scheme, token] = (header ?? "").split(" ");
  if (scheme !== "Basic" || token === undefined) return undefined;
  const [user, ...rest] = Buffer.from(token, "base64").toString("utf8").split(":");
  if (user !== "owner" && user !== "reader") return undefined;
  const given = createHash("sha256").update(rest.join(":")).digest();
  return timingSafeEqual(given, Buffer.from(keys[user], "hex")) ? user : undefined;
}

function run(start: ChildStart): () => Promise<void> {
  const engine = openEngine(start.dataDir, start.configFile, start.readers);
  const server = createServer(
    makeListener({
      engine,
      landingDir: start.landingDir,
      roleOf: (header) => roleOf(start.keys, header),
      log: (sentence, fields) => say({ log: "debug", sentence, fields }),
    }),
  );
  server.keepAliveTimeout = 30_000;
  server.requestTimeout = 300_000;
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    say({ ready: { port, version: engine.version } });
  });
  return async () => {
    server.close();
    await engine.drain(3000);
  };
}

// A terminal's Ctrl-C reaches the whole group; the service decides when this process ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

let stop: (() => Promise<void>) | undefined;
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  if (stop !== undefined) {
    // Any further line means: end in order.
    void stop().finally(() => process.kill(process.pid, "SIGKILL"));
    return;
  }
  try {
    stop = run(JSON.parse(line) as ChildStart);
  } catch (error) {
    say({
      log: "error",
      sentence: "the embedded engine did not open",
      fields: { error: errorText(error) },
    });
    process.exitCode = 1;
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 50);
  }
});
// The service is gone. Nothing here needs saving, and exit handlers of the engine could hang.
lines.on("close", () => process.kill(process.pid, "SIGKILL"));
