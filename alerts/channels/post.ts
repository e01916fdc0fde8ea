// Sends one request to an address that a stranger may have chosen: judged at connecting, no redirects, bounded, in time.
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { judgeUrl, mayConnect, type OutboundRules } from "../../core/outbound.ts";
import { plainText } from "../../core/plain-text.ts";
import type { OutRequest } from "./channel.ts";

/**
 * accepted: 2xx. refused: it never will be taken. again: nothing was taken, a later try can help; `retryAfterMs` where
 * the receiver named a time. maybe: the last bytes had left and no answer came. lost: `beforeEnd` said that somebody
 * else has it.
 */
export type PostResult =
  | { outcome: "accepted" | "refused" | "again" | "maybe"; response: string; retryAfterMs?: number }
  | { outcome: "lost" };

export type PostGiven = {
  rules: OutboundRules;
  /** Awaited before the last bytes go out; false stops the request, and the receiver never gets a whole one. */
  beforeEnd(): Promise<boolean>;
  now: () => number;
  timeoutMs?: number;
};

const TIMEOUT_MS = 10_000;
/** How much of an answer is read; its status has come before. */
const MOST_ANSWER_BYTES = 4096;

export async function post(out: OutRequest, given: PostGiven): Promise<PostResult> {
  const verdict = judgeUrl(out.url, given.rules);
  if (!verdict.ok) return { outcome: "refused", response: `The address ${verdict.why}.` };
  const body = Buffer.from(out.body, "utf8");
  const gate: Gate = { passed: false, lost: false };
  const signal = AbortSignal.timeout(given.timeoutMs ?? TIMEOUT_MS);
  const open = verdict.url.protocol === "https:" ? httpsRequest : httpRequest;
  const sent = open(verdict.url, {
    method: out.method,
    // One connection each: a kept one would have been judged for an older look-up.
    agent: false,
    lookup: judgedLookup(given.rules),
    headers: { "user-agent": "Tillwatch", ...out.headers, "content-length": body.length },
    signal,
  });
  try {
    const [answer] = await Promise.all([answerTo(sent), write(sent, body, given, gate)]);
    const text = await excerpt(answer);
    return judgeAnswer(answer, text, given.now());
  } catch (error) {
    return judgeFault(error, { gate, timedOut: signal.aborted });
  } finally {
    sent.destroy();
  }
}

type Gate = { passed: boolean; lost: boolean };

/** All but the last byte, then the gate, then the last. Without a body the headers are the last bytes. */
async function write(
  sent: ClientRequest,
  body: Buffer,
  { beforeEnd }: PostGiven,
  gate: Gate,
): Promise<void> {
  if (body.length > 1) {
    await new Promise<void>((resolve, reject) =>
      sent.write(body.subarray(0, -1), (error) => (error ? reject(error) : resolve())),
    );
  }
  gate.passed = await beforeEnd();
  gate.lost = !gate.passed;
  if (gate.lost) throw new Error("The message is no longer ours to send.");
  sent.end(body.subarray(-1));
}

function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on("response", resolve);
    sent.on("error", reject);
  });
}

/** The first words of an answer, if they come; a slow or broken body changes nothing. */
async function excerpt(answer: IncomingMessage): Promise<string> {
  let text = "";
  try {
    for await (const chunk of answer) {
      text += String(chunk);
      if (text.length > MOST_ANSWER_BYTES) break;
    }
  } catch {
    // The status has been read.
  }
  answer.destroy();
  return text;
}

class Inside extends Error {}

/** Names are looked up once, and only addresses that were judged are connected to. One bad one refuses the name. */
function judgedLookup(rules: OutboundRules): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = found as LookupAddress[];
      if (error !== null) return done(error, []);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => mayConnect(address, rules))) {
        return done(new Inside("The name leads into a private network."), []);
      }
      if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function judgeAnswer(answer: IncomingMessage, text: string, now: number): PostResult {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return { outcome: "accepted", response: `HTTP ${status}` };
  const response = `HTTP ${status}${words(text)}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterMs = readRetryAfter(answer.headers["retry-after"], now);
    return { outcome: "again", response, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (status >= 300 && status < 400) {
    return { outcome: "refused", response: `${response}: it points elsewhere; we follow nobody.` };
  }
  return { outcome: "refused", response };
}

/** A receiver's short word, without anything that could be a secret sent back to us. */
function words(text: string): string {
  const line = plainText(text, 120).replace(/[^\s"':,{}<>]{16,}/g, "…");
  return line === "" ? "" : ` ${line}`;
}

/** Seconds or a date, per RFC 9110, in ms from now. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  if (!/^[A-Z][a-z]{2}, .{1,40}$/.test(header)) return undefined;
  const ms = Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function judgeFault(
  error: unknown,
  { gate, timedOut }: { gate: Gate; timedOut: boolean },
): PostResult {
  if (gate.lost) return { outcome: "lost" };
  if (error instanceof Inside) return { outcome: "refused", response: error.message };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const response = timedOut
    ? "No answer in time."
    : `The connection failed${code === "" ? "" : ` (${plainText(code, 60)})`}.`;
  return { outcome: gate.passed ? "maybe" : "again", response };
}
