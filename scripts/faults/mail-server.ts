// A real SMTP server in the process that remembers what it accepted, for tests, faults and benchmarks.
import { SMTPServer } from "smtp-server";

export type AcceptedMail = { messageId: string; to: string[]; at: number; raw: Buffer };

export type MailServer = { port: number; accepted: AcceptedMail[]; close(): Promise<void> };

/** Listens on a free loopback port; takes every mail, keeps it in `accepted`. Broken connections are the sender's affair. */
export async function startMailServer(): Promise<MailServer> {
  const accepted: AcceptedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const raw = Buffer.concat(parts);
        const messageId = /^message-id:\s*<([^>\s]+)>/im.exec(raw.toString("latin1"))?.[1] ?? "";
        const to = session.envelope.rcptTo.map((recipient) => recipient.address);
        accepted.push({ messageId, to, at: Date.now(), raw });
        done();
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    accepted,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
