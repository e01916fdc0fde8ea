// Where the service holds the data folder, the command line asks it through this door, with a token from that folder.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { sameText } from "../../accounts/api-key.ts";
import { AppError } from "../../core/errors.ts";
import type { ActDeps } from "./act.ts";
import { findAct } from "./acts.ts";
import { type ActAnswer, runAct } from "./run-act.ts";

/** The file's content: where the service listens, seen from this machine, and the token of this start. */
export const AdminFile = z.object({ url: z.url(), token: z.string().min(32) });
export type AdminFile = z.infer<typeof AdminFile>;

const FILE = "admin.json";

/** Writes `<data>/admin.json`, mode 0600. In: url of the listener on loopback; token, made anew at each start. */
export function writeAdminFile(dataDir: string, content: AdminFile): void {
  const path = join(dataDir, FILE);
  const draft = `${path}.new`;
  const file = openSync(draft, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify(content)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/** The file's content, or undefined where there is none or only half of one. */
export function readAdminFile(dataDir: string): AdminFile | undefined {
  try {
    return AdminFile.parse(JSON.parse(readFileSync(join(dataDir, FILE), "utf8")));
  } catch {
    return undefined;
  }
}

export type AdminDoorDeps = ActDeps & { token: string };

export const ADMIN_PATH = "/admin/act";

const Asked = z.strictObject({
  act: z.string().max(64),
  input: z.record(z.string().max(64), z.unknown()),
});

/** `POST /admin/act {act, input}` answers an {@link ActAnswer}. From this machine only, and only with the token. */
export function registerAdminRoutes(app: FastifyInstance, deps: AdminDoorDeps): void {
  app.post(
    ADMIN_PATH,
    { schema: { hide: true }, bodyLimit: 65_536 },
    async (request, reply): Promise<ActAnswer> => {
      refuseStrangers(request, deps.token);
      const asked = Asked.safeParse(request.body);
      if (!asked.success) throw new AppError("REQUEST_INVALID", "Send {act, input}.");
      const act = findAct(asked.data.act);
      if (act === undefined) throw new AppError("NOT_FOUND", "There is no such act.");
      reply.header("cache-control", "no-store");
      return runAct(act, deps, asked.data.input);
    },
  );
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

/** A proxy on this machine looks like loopback too, so what it forwards is refused by its headers. */
function refuseStrangers(request: FastifyRequest, token: string): void {
  const { headers } = request;
  const forwarded = headers.forwarded ?? headers["x-forwarded-for"] ?? headers["x-real-ip"];
  const from = request.socket.remoteAddress ?? "";
  const given = /^Bearer (\S{1,200})$/.exec(headers.authorization ?? "")?.[1] ?? "";
  const known = sameText(given, token);
  if (forwarded !== undefined || !LOOPBACK.has(from) || !known) {
    throw new AppError("UNAUTHENTICATED", "This door is for the command line on this machine.");
  }
}
