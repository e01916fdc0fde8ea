// Builders for the tests of alerts and of the pages that show them.
import type { AddressInfo, Socket } from "node:net";
import type { EvidenceEvent, Finding } from "../core/finding.ts";
import { subject } from "../core/subject.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";

const AT = Date.UTC(2026, 10, 25, 14, 2);

export function anEvidence(id: string, over: Partial<EvidenceEvent> = {}): EvidenceEvent {
  return {
    event_id: id,
    event_type: "refund",
    ts: AT,
    ts_local: "2026-11-25T14:02:00.000",
    store_id: "soho",
    terminal_id: "till-2",
    cashier_id: "c-7",
    amount: 8240,
    currency: "EUR",
    fields: { last4: "4242", sale_found: "false" },
    ...over,
  };
}

/** Five refunds to one card within ten minutes at Till 2 in Soho. */
export function aFinding(over: Partial<Finding> = {}): Finding {
  const evidence = [0, 1, 2, 3, 4].map((n) =>
    anEvidence(`e${n}`, {
      ts: AT + n * 108_000,
      ts_local: new Date(AT + n * 108_000).toISOString().slice(0, 23),
      amount: 8240 + n,
    }),
  );
  return {
    id: "f1",
    merchant_id: "mer_1",
    detection: "refund-same-card",
    rule: "refund_same_card",
    rule_version: 1,
    title: "Several refunds to one card",
    level: "high",
    subject: subject("card", "tok_1"),
    group: { card_token: "tok_1" },
    ts: AT + 4 * 108_000,
    value: 5,
    threshold: 3,
    amount: 41_210,
    currency: "EUR",
    explanation: "5 refunds went to the card ending 4242 within 10 minutes; 3 or more is unusual.",
    counterfactual: "Would not fire at 2 refunds.",
    store_id: "soho",
    terminal_id: "till-2",
    cashier_id: "c-7",
    evidence,
    event_count: evidence.length,
    late: false,
    ...over,
  };
}

/** A real mail server in this process that can be rude. `mode` is asked for each mail. */
export type MailServer = {
  url: string;
  /** Every message that came in whole, as it came. */
  messages: string[];
  /** Called when a message is in, before the answer. */
  onWhole: () => void;
  /** How long it thinks before it says yes. */
  delayMs: number;
  mode: "take" | "later" | "never" | "later-after-data" | "drop-after-data";
  close(): Promise<void>;
};

export async function startMailServer(): Promise<MailServer> {
  const { SMTPServer } = await import("smtp-server");
  const sockets = new Set<Socket>();
  const fault = (responseCode: number) => Object.assign(new Error("said no"), { responseCode });
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo(_address, _session, done) {
      if (state.mode === "later") return done(fault(451));
      if (state.mode === "never") return done(fault(550));
      done();
    },
    onData(stream, _session, done) {
      let text = "";
      stream.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
      });
      stream.on("end", () => {
        if (state.mode === "later-after-data") return done(fault(451));
        state.messages.push(text);
        state.onWhole();
        if (state.mode === "drop-after-data") {
          for (const socket of sockets) socket.destroy();
          return;
        }
        setTimeout(() => done(null, "taken"), state.delayMs);
      });
    },
  });
  smtp.on("error", () => {});
  smtp.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    smtp.listen(0, "127.0.0.1", () => resolve());
  });
  const { port } = smtp.server.address() as AddressInfo;
  const state: MailServer = {
    url: `smtp://127.0.0.1:${port}`,
    messages: [],
    onWhole() {},
    delayMs: 0,
    mode: "take",
    close: () => new Promise((resolve) => smtp.close(() => resolve())),
  };
  return state;
}

/** Stores findings as the detectors do. */
export async function insertFindings(
  { pool }: Pick<PostgresHandle, "pool">,
  findings: readonly Finding[],
): Promise<void> {
  for (const finding of findings) {
    const { merchant_id, id, detection, subject: about, level, ts, late } = finding;
    const payload = JSON.stringify(finding);
    await pool.query(
      `INSERT INTO tillwatch.finding (merchant_id, id, detection, subject, level, ts, late, payload, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [merchant_id, id, detection, about, level, ts, late, payload, Date.now()],
    );
  }
}
