// Runs the channels: sends the messages that are due, one at a time a channel, so that a dead receiver holds up nobody else.
import type { Registry } from "prom-client";
import { countWaiting, type DueMessage, dueMessages, giveUpOld } from "../stores/messages.ts";
import { messageMetrics } from "./message-metrics.ts";
import { HELD_MS, type SendMessageDeps, sendMessage } from "./send-message.ts";

export type MessagesDeps = SendMessageDeps & { metrics: Registry };

/** `wake`: messages may be due. `idle`: resolves when none is due now. `close` lets running requests end. */
export type Messages = { wake(): void; idle(): Promise<void>; close(): Promise<void> };

const LOOK_MS = 2_000;
const AT_ONCE = 20;
/** Many merchants' channels may lead to one host; it must not take every place when it is slow. */
const AT_ONCE_PER_HOST = 5;
const SWEEP_MS = 60_000;
const OLDEST_MS = 86_400_000;

export function startMessages(deps: MessagesDeps): Messages {
  const { db, log, now } = deps;
  const metrics = messageMetrics(deps.metrics, () => countWaiting(db));
  const places = new Places();
  let closed = false;
  let looking: Promise<void> | undefined;
  let again = false;

  async function send(due: DueMessage): Promise<void> {
    try {
      metrics.sent(await sendMessage(deps, due), now());
    } catch (error) {
      log.error({ err: error, messageId: due.id }, "sending a message failed");
    }
  }
  async function lookOnce(): Promise<void> {
    try {
      for (const due of await dueMessages(db, now(), now() - HELD_MS)) {
        if (!closed) places.take(due, () => send(due), look);
      }
    } catch (error) {
      log.error({ err: error }, "could not look for due messages");
    }
  }
  async function lookWhileAsked(): Promise<void> {
    do {
      again = false;
      await lookOnce();
    } while (again && !closed);
    looking = undefined;
  }
  function look(): void {
    if (closed) return;
    if (looking === undefined) looking = lookWhileAsked();
    else again = true;
  }
  const sweep = () =>
    giveUpOld(db, now() - OLDEST_MS, now()).then(
      (count) => count > 0 && log.error({ count }, "gave up on old messages"),
      (err: unknown) => log.warn({ err }, "could not look for old messages"),
    );
  const timers = [setInterval(look, LOOK_MS), setInterval(() => void sweep(), SWEEP_MS)];
  look();

  async function settled(): Promise<void> {
    while (looking !== undefined || places.busy()) {
      await looking;
      await places.settled();
    }
  }
  return {
    wake: look,
    async idle() {
      look();
      await settled();
    },
    async close() {
      closed = true;
      for (const timer of timers) clearInterval(timer);
      await settled();
    },
  };
}

/** Who is being sent to: one message a channel, a few a host. */
class Places {
  private readonly taken = new Map<string, string>();
  private readonly running = new Set<Promise<void>>();

  /** Starts `work` where there is room, and calls `freed` when it is over. */
  take(due: DueMessage, work: () => Promise<void>, freed: () => void): void {
    const key = `${due.merchant_id} ${due.channel_id}`;
    if (this.taken.size >= AT_ONCE || this.taken.has(key)) return;
    const same = [...this.taken.values()].filter((host) => host === due.host).length;
    if (same >= AT_ONCE_PER_HOST) return;
    this.taken.set(key, due.host);
    const done = work().finally(() => {
      this.taken.delete(key);
      this.running.delete(done);
      freed();
    });
    this.running.add(done);
  }

  busy(): boolean {
    return this.running.size > 0;
  }

  async settled(): Promise<void> {
    await Promise.all(this.running);
  }
}
