// The pages of the outbox; the mail's own HTML is served apart, where it can do nothing.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import { listMails, type Mail, readMail } from "../stores/mails.ts";
import { pageReader } from "./page-reader.ts";
import type { AnswerDeps, PageDeps } from "./page-routes.ts";
import { answerWith } from "./page-routes.ts";
import { mailPage, outboxPage } from "./pages/outbox-page.ts";

/** Inline styles are what mail is made of; all else is off, and the frame has no origin of its own. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; " +
  "sandbox allow-popups allow-popups-to-escape-sandbox";

const Params = z.object({ id: z.string().max(64) });

export function registerOutboxPages(app: FastifyInstance, deps: AnswerDeps): void {
  const options = { schema: { hide: true } };
  app.get(
    "/outbox",
    options,
    answerWith(deps, async () => {
      const mails = await listMails(deps.db, "*", { limit: 100 });
      const listed = await Promise.all(mails.map((mail) => withPlace(deps, mail)));
      return { title: "Mail", here: "outbox", refreshS: 15, body: outboxPage(listed, deps.now()) };
    }),
  );
  app.get(
    "/outbox/:id",
    options,
    answerWith(deps, async (request) => {
      const mail = await existing(deps, request);
      return {
        title: mail.subject ?? "Mail",
        here: "outbox",
        body: mailPage(await withPlace(deps, mail)),
      };
    }),
  );
  app.get(
    "/outbox/:id/html",
    options,
    answerWith(deps, async (request, reply) => {
      const mail = await existing(deps, request);
      if (mail.html === null) throw new AppError("NOT_FOUND", "This mail is not written yet.");
      return (
        reply
          .header("content-security-policy", MAIL_POLICY)
          .header("cache-control", "no-store")
          .type("text/html; charset=utf-8")
          // A link in the mail opens beside the frame, as in a mail program.
          .send(mail.html.replace(/<head>/, '<head><base target="_blank">'))
      );
    }),
  );
}

async function existing(deps: PageDeps, request: FastifyRequest): Promise<Mail> {
  const { id } = Params.parse(request.params);
  const mail = await readMail(deps.db, "*", id);
  if (mail === undefined) throw new AppError("NOT_FOUND", "There is no such mail.");
  return mail;
}

async function withPlace(deps: PageDeps, mail: Mail) {
  const { merchant } = await pageReader(deps.db, deps.advise).look(mail.merchant_id);
  return { mail, merchant: merchant.name, zone: merchant.zone };
}
