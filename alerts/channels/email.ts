// Sends one mail over SMTP so that a crash at any moment leaves either nothing at the server or a record that it may be there.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { createTransport } from "nodemailer";
import DKIM from "nodemailer/lib/dkim";
import MailComposer from "nodemailer/lib/mail-composer";
import { plainText } from "../../core/plain-text.ts";

export type EmailSettings = {
  url: string;
  /** Refuse a server on smtp:// that offers no STARTTLS. */
  requireTls: boolean;
  from: { name: string; address: string };
  /** Signs each mail; null or left out: it goes as it is. */
  dkim?: { domain: string; selector: string; privateKey: string } | null;
};

export type EmailMessage = {
  to: string;
  subject: string;
  html: string;
  plain: string;
  /** Without angle brackets. */
  messageId: string;
  /** Message-ID of the first mail of the thread, or null. */
  inReplyTo: string | null;
  /** One per alert: some programs make a thread of it. */
  reference: string;
  date: Date;
  /** One click ends this kind of mail (RFC 8058); null for what nobody may switch off so. */
  unsubscribe: string | null;
};

/**
 * accepted: the server took it. refused: it never will. again: nothing was taken, a later try can help.
 * maybe: the last bytes were on their way when the connection broke. lost: `beforeEnd` said that somebody else has it.
 */
export type SendResult =
  | { outcome: "accepted" | "refused" | "again" | "maybe"; response: string }
  | { outcome: "lost" };

export type EmailChannel = {
  /** `beforeEnd` is awaited before the last bytes go out; false stops the message, and the server forgets it. */
  send(message: EmailMessage, beforeEnd: () => Promise<boolean>): Promise<SendResult>;
};

/** `Name <address>` or a bare address, as settings write it. */
export function parseSender(text: string): { name: string; address: string } {
  const match = /^\s*(?:"?([^"<]*?)"?\s*)?<([^<>\s]+)>\s*$/.exec(text);
  const name = plainText(match?.[1] ?? "", 80);
  const address = (match?.[2] ?? text).trim();
  return { name, address };
}

/** The same for the same alert, person and state, so that no second mail can pass as another one. */
export function mailMessageId(of: {
  alert: string;
  to: string;
  kind: string;
  host: string;
}): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([of.alert, of.to.toLowerCase(), of.kind]))
    .digest("hex");
  return `${hash.slice(0, 40)}@${of.host}`;
}

/** How much of a message waits for `beforeEnd`. */
const TAIL_BYTES = 16;

const SAFE = { disableFileAccess: true, disableUrlAccess: true } as const;

export function openEmailChannel(settings: EmailSettings): EmailChannel {
  const transport = createTransport({ ...connectionOf(settings), ...SAFE });
  return {
    async send(message, beforeEnd) {
      const bytes = await signed(await compose(message, settings.from), settings.dkim ?? null);
      const gate = { passed: false, lost: false };
      async function* body() {
        yield bytes.subarray(0, -TAIL_BYTES);
        gate.passed = await beforeEnd();
        gate.lost = !gate.passed;
        if (gate.lost) throw new Error("The mail is no longer ours to send.");
        yield bytes.subarray(-TAIL_BYTES);
      }
      try {
        const info = await transport.sendMail({
          envelope: { from: settings.from.address, to: [message.to] },
          raw: Readable.from(body(), { objectMode: false }),
          ...SAFE,
        });
        return { outcome: "accepted", response: plainText(info.response, 300) };
      } catch (error) {
        if (gate.lost) return { outcome: "lost" };
        return judge(error as SmtpError, gate.passed);
      }
    },
  };
}

function connectionOf({ url, requireTls }: EmailSettings) {
  const server = new URL(url);
  const secure = server.protocol === "smtps:";
  const auth =
    server.username === ""
      ? {}
      : {
          auth: {
            user: decodeURIComponent(server.username),
            pass: decodeURIComponent(server.password),
          },
        };
  return {
    host: server.hostname.replace(/^\[|\]$/g, ""),
    port: Number(server.port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && requireTls,
    ...auth,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    dnsTimeout: 10_000,
  };
}

async function compose(message: EmailMessage, from: EmailSettings["from"]): Promise<Buffer> {
  const thread =
    message.inReplyTo === null
      ? {}
      : { inReplyTo: `<${message.inReplyTo}>`, references: [`<${message.inReplyTo}>`] };
  const composer = new MailComposer({
    ...SAFE,
    from,
    to: [{ name: "", address: message.to }],
    subject: plainText(message.subject, 200),
    text: message.plain,
    html: message.html,
    messageId: `<${message.messageId}>`,
    date: message.date,
    ...thread,
    headers: {
      "Auto-Submitted": "auto-generated",
      "X-Entity-Ref-ID": message.reference,
      ...(message.unsubscribe === null
        ? {}
        : {
            "List-Unsubscribe": `<${message.unsubscribe}>`,
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
          }),
    },
  });
  return await composer.compile().build();
}

/** nodemailer's own list leaves out `List-Unsubscribe-Post`, which RFC 8058 wants signed. */
const SIGNED_HEADERS =
  "from:to:subject:date:message-id:mime-version:content-type:in-reply-to:references:auto-submitted:list-unsubscribe:list-unsubscribe-post";

async function signed(bytes: Buffer, dkim: EmailSettings["dkim"]): Promise<Buffer> {
  if (dkim == null) return bytes;
  const signer = new DKIM({
    ...{ domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKey },
    headerFieldNames: SIGNED_HEADERS,
  });
  const parts: Buffer[] = [];
  for await (const part of signer.sign(bytes)) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

type SmtpError = Error & { code?: string; responseCode?: number; response?: string };

/** Faults of our own set-up: the address is not to blame, and whoever mends it wants the mail to follow. */
const OURS = new Set(["EAUTH", "ENOAUTH", "EOAUTH2", "ETLS", "EREQUIRETLS", "ECONFIG", "EPROXY"]);

/** nodemailer gives a 4xx and a 5xx the same `code`; only `responseCode` tells them apart. */
function judge(error: SmtpError, ending: boolean): SendResult {
  const response = plainText(error.response ?? error.message, 300);
  if (error.code !== undefined && OURS.has(error.code)) return { outcome: "again", response };
  const { responseCode } = error;
  if (responseCode !== undefined && responseCode >= 500) return { outcome: "refused", response };
  if (responseCode !== undefined && responseCode >= 400 && responseCode !== 421) {
    return { outcome: "again", response };
  }
  return { outcome: ending ? "maybe" : "again", response };
}
