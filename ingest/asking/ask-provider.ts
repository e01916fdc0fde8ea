// One question to a provider over HTTP: only at the host that was chosen, bounded in time and size, redirects not followed.
import type { Question } from "../../core/asking.ts";
import { type AskFault, faultOfStatus, retryAfterMs } from "./pause.ts";

export type AskOutcome = { ok: true; answer: unknown } | { ok: false; fault: AskFault };

export type AskLimits = { timeoutMs: number; mostBytes: number };
export const ASK_LIMITS: AskLimits = { timeoutMs: 15_000, mostBytes: 4 * 1_048_576 };

type Asked = {
  /** `https://` and one of the provider's own hosts. */
  base: string;
  headers: Record<string, string>;
  limits: AskLimits;
  now: () => number;
};

const ELSEWHERE: AskFault = { kind: "unreadable", words: "The question left the provider's host." };

/** Never throws for what the provider or the network does. */
export async function askProvider(question: Question, asked: Asked): Promise<AskOutcome> {
  const url = addressOf(question, asked.base);
  if (url === undefined) return { ok: false, fault: ELSEWHERE };
  const signal = AbortSignal.timeout(asked.limits.timeoutMs);
  try {
    const response = await fetch(url, {
      headers: { accept: "application/json", "user-agent": "tillwatch", ...asked.headers },
      redirect: "manual",
      signal,
    });
    if (response.status !== 200) {
      await response.body?.cancel().catch(() => {});
      const after = retryAfterMs(response.headers.get("retry-after"), asked.now());
      return { ok: false, fault: faultOfStatus(response.status, after) };
    }
    return await readAnswer(response, asked.limits.mostBytes);
  } catch {
    // The cause is not told: it may repeat the address or a header.
    const seconds = Math.round(asked.limits.timeoutMs / 1000);
    const words = signal.aborted
      ? `The provider took longer than ${seconds} seconds.`
      : "The provider cannot be reached.";
    return { ok: false, fault: { kind: "away", words } };
  }
}

/** Ids in a path are encoded by whoever makes the question; this holds whatever they hold. */
function addressOf({ path, query = {} }: Question, base: string): URL | undefined {
  if (!path.startsWith("/") || path.startsWith("//")) return undefined;
  const url = new URL(base + path);
  if (url.origin !== new URL(base).origin) return undefined;
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, one);
  }
  return url;
}

async function readAnswer(response: Response, mostBytes: number): Promise<AskOutcome> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early ends the connection.
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > mostBytes) {
      const words = `The provider's answer is over ${Math.round(mostBytes / 1024)} KiB.`;
      return { ok: false, fault: { kind: "unreadable", words } };
    }
    parts.push(part);
  }
  try {
    return { ok: true, answer: JSON.parse(Buffer.concat(parts).toString("utf8")) };
  } catch {
    return { ok: false, fault: { kind: "unreadable", words: "The provider's answer is no JSON." } };
  }
}
