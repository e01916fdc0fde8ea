// What operators can see of messages by channels: how many wait, what became of them, and how long from the event on.
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { CHANNEL_KINDS } from "../core/channel.ts";
import type { MessageCount } from "../stores/messages.ts";
import { isLive, SECONDS } from "./alert-metrics.ts";
import type { SentMessage } from "./send-message.ts";

export type MessageMetrics = { sent(sent: SentMessage, now: number): void };

export function messageMetrics(
  registry: Registry,
  waiting: () => Promise<MessageCount[]>,
): MessageMetrics {
  const registers = [registry];
  const labelNames = ["channel"];
  new Gauge({
    name: "tillwatch_messages_waiting",
    help: "Messages by channels that are due or on their way.",
    labelNames,
    registers,
    async collect() {
      const counts = new Map((await waiting()).map((each) => [each.channel_kind, each.count]));
      for (const channel of CHANNEL_KINDS) this.set({ channel }, counts.get(channel) ?? 0);
    },
  });
  const messages = new Counter({
    name: "tillwatch_messages_total",
    help: "Tries to send a message, by channel and outcome.",
    labelNames: ["channel", "state"],
    registers,
  });
  const toMessage = new Histogram({
    name: "tillwatch_event_to_message_accepted_seconds",
    help: "From the instant of a live finding until the channel's receiver accepted its message.",
    buckets: SECONDS,
    labelNames,
    registers,
  });
  return {
    sent({ state, message }, now) {
      if (message === undefined) return;
      const channel = message.channel_kind;
      messages.inc({ channel, state });
      if (state !== "accepted" || !isLive(message.event_ts, now)) return;
      toMessage.observe({ channel }, (now - message.event_ts) / 1000);
    },
  };
}
