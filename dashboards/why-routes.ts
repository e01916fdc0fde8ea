// The page that shows how a rule came to an alert.
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import { readAlert } from "../stores/alerts.ts";
import { pageReader } from "./page-reader.ts";
import { type AnswerDeps, answerWith } from "./page-routes.ts";
import { whyPage } from "./pages/why-page.ts";

const Params = z.object({ id: z.string().max(64) });

/** `/alerts/:id/why`. */
export function registerWhyPage(app: FastifyInstance, deps: AnswerDeps): void {
  app.get(
    "/alerts/:id/why",
    { schema: { hide: true } },
    answerWith(deps, async (request) => {
      const alert = await readAlert(deps.db, "*", Params.parse(request.params).id);
      if (alert === undefined) throw new AppError("NOT_FOUND", "There is no such alert.");
      const { zone } = await pageReader(deps.db, deps.advise).tell(alert, 1);
      const explanation = await deps.explain(alert);
      return {
        title: "How the rule came to it",
        here: "alerts",
        body: whyPage({ alert, zone, explanation }),
      };
    }),
  );
}
