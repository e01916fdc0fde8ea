// Sends one due mail: claim, compose, send, settle. Safe to run again after a crash at any line.
import { randomUUID } from "node:crypto";
import type { Advise } from "../core/advice.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { readAlert } from "../stores/alerts.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import {
  claimMail,
  keepContent,
  type Mail,
  type MailContent,
  type MailKey,
  moveMail,
} from "../stores/mails.ts";
import { readNames } from "../stores/names.ts";
import type { EmailChannel, SendResult } from "./channels/email.ts";
import { fillLinks } from "./links/fill-links.ts";
import { alertMail } from "./mail/alert-mail.ts";
import { toldKind } from "./mail/told-kind.ts";

export type SendDeps = {
  db: Postgres;
  /** Null: no mail server is set. */
  channel: EmailChannel | null;
  advise: Advise;
  publicUrl: string;
  /** Signs the links in mails. */
  linkKey: string;
  now: () => number;
  log: Log;
};

/** `again`: a later try may help. `none`: there was nothing to do, another worker has it or had it. */
export type Sent = {
  state: "accepted" | "refused" | "maybe" | "local" | "again" | "none";
  mail?: Mail;
};

/** Tries before we give up: with pauses that double from half a minute, about 17 hours. */
export const MAX_ATTEMPTS = 12;

export async function sendMail(deps: SendDeps, key: MailKey): Promise<Sent> {
  const claim = randomUUID();
  const mail = await claimMail(deps.db, key, claim, deps.now());
  if (mail === undefined) return await nobodyKnows(deps, key);
  const { content, local } = await compose(deps, mail);
  if (deps.channel === null || local !== null) {
    await moveMail(
      deps.db,
      key,
      { from: ["claimed"], to: "local", claim, response: local ?? "No mail server is set." },
      deps.now(),
    );
    return { state: "local", mail };
  }
  const result = await deps.channel.send(
    {
      to: mail.recipient,
      ...(await fillLinks(deps, mail, content)),
      messageId: mail.message_id,
      inReplyTo: mail.in_reply_to,
      reference: mail.alert_id ?? mail.id,
      date: new Date(mail.created_at),
    },
    () => moveMail(deps.db, key, { from: ["claimed"], to: "ending", claim }, deps.now()),
  );
  return await settle(deps, { mail, claim }, result);
}

/** Not due: settled, in another worker's hands, or left `ending` by one that died. Only the last needs a word. */
async function nobodyKnows(deps: SendDeps, key: MailKey): Promise<Sent> {
  const response = "The sender stopped while the last bytes were on their way.";
  const moved = await moveMail(
    deps.db,
    key,
    { from: ["ending"], to: "maybe", claim: null, response },
    deps.now(),
  );
  return { state: moved ? "maybe" : "none" };
}

/** What to send, kept from an earlier try where there was one; and why it stays here, or null. */
async function compose(
  deps: SendDeps,
  mail: Mail,
): Promise<{ content: MailContent; local: string | null }> {
  const { merchant, names } = await readNames(deps.db, mail.merchant_id);
  const local = merchant.is_demo
    ? "Mail of the demo never leaves the outbox."
    : mail.recipient === ""
      ? "The merchant has no address for alert mail yet."
      : null;
  if (mail.subject !== null && mail.html !== null && mail.plain !== null) {
    return { content: { subject: mail.subject, html: mail.html, plain: mail.plain }, local };
  }
  const alert =
    mail.alert_id === null ? undefined : await readAlert(deps.db, mail.merchant_id, mail.alert_id);
  if (alert === undefined)
    throw new AppError("INTERNAL", "A mail is due for an alert that is not there.");
  const content = await alertMail({
    alert,
    names,
    advice: deps.advise(alert.rule),
    kind: toldKind(mail.kind),
    recipient: mail.recipient,
    publicUrl: deps.publicUrl,
    isDemo: merchant.is_demo,
  });
  await keepContent(deps.db, mail, content);
  return { content, local };
}

async function settle(
  deps: SendDeps,
  { mail, claim }: { mail: Mail; claim: string },
  result: SendResult,
): Promise<Sent> {
  if (result.outcome === "lost") return { state: "none" };
  const { response } = result;
  if (result.outcome !== "again") {
    // The server's word also settles a mail that another worker took for unknown in the meantime.
    const move = {
      from: ["ending", "maybe", "claimed"],
      to: result.outcome,
      claim,
      response,
    } as const;
    await moveMail(deps.db, mail, move, deps.now());
    return { state: result.outcome, mail };
  }
  if (mail.attempts >= MAX_ATTEMPTS) {
    const move = { from: ["ending", "claimed"], to: "refused", claim } as const;
    const gaveUp = `Gave up after ${mail.attempts} tries. Last answer: ${response}`;
    await moveMail(deps.db, mail, { ...move, response: gaveUp }, deps.now());
    deps.log.error({ mailId: mail.id, attempts: mail.attempts, response }, "gave up on a mail");
    return { state: "refused", mail };
  }
  // Also from `ending`: the server has said that it took nothing, or the last bytes never left.
  const move = { from: ["ending", "claimed"], to: "queued", claim, response } as const;
  await moveMail(deps.db, mail, move, deps.now());
  deps.log.warn(
    { mailId: mail.id, attempts: mail.attempts, response },
    "mail was not taken, will try again",
  );
  return { state: "again", mail };
}
