// The console's doors for people: overview, alerts, outbox. Server-rendered, without script.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { registerAlertPages } from "./alert-routes.ts";
import { registerOutboxPages } from "./outbox-routes.ts";
import type { PageDeps } from "./page-routes.ts";
import { registerStartPage } from "./start-routes.ts";
import { registerWhyPage } from "./why-routes.ts";

export type { PageDeps };

/** Served as one; later files win over earlier ones. */
const SHEETS = ["base", "frame", "cards", "tables-and-forms", "pieces", "responsive"];

/** `/`, `/alerts`, `/alerts/:id`, `/alerts/:id/why`, `/outbox`, `/outbox/:id`, and what they are drawn with. All but the last need a signed-in person. */
export function registerPageRoutes(app: FastifyInstance, deps: PageDeps): void {
  const css = SHEETS.map((name) =>
    readFileSync(join(import.meta.dirname, `assets/${name}.css`), "utf8"),
  ).join("\n");
  const hash = createHash("sha256").update(css).digest("hex").slice(0, 12);
  const stylesheet = `/assets/tillwatch.css?v=${hash}`;
  app.get("/assets/tillwatch.css", { schema: { hide: true } }, (_request, reply) =>
    reply
      .header("cache-control", "public, max-age=31536000, immutable")
      .type("text/css; charset=utf-8")
      .send(css),
  );
  const icon = readFileSync(join(import.meta.dirname, "assets/tillwatch.svg"), "utf8");
  // Browsers ask for the second by themselves, on pages that name no icon.
  for (const path of ["/assets/tillwatch.svg", "/favicon.ico"]) {
    app.get(path, { schema: { hide: true } }, (_request, reply) =>
      reply.header("cache-control", "public, max-age=86400").type("image/svg+xml").send(icon),
    );
  }
  const answer = { ...deps, stylesheet };
  registerStartPage(app, answer);
  registerAlertPages(app, answer);
  registerWhyPage(app, answer);
  registerOutboxPages(app, answer);
}
