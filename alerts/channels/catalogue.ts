// Every way out over HTTP, one line each.
import type { ChannelKind } from "../../core/channel.ts";
import type { Channel } from "./channel.ts";
import { webhook } from "./webhook.ts";

const CHANNELS: readonly Channel[] = [webhook];

/** Kinds that a person can add; `sink` is the service's own. */
export const ADDED_KINDS = CHANNELS.map(({ kind }) => kind);

export function findChannel(kind: ChannelKind): Channel | undefined {
  return CHANNELS.find((channel) => channel.kind === kind);
}
