// Every way out over HTTP, one line each.
import type { ChannelKind } from "../../core/channel.ts";
import type { Channel } from "./channel.ts";
import { ntfy } from "./ntfy.ts";
import { slack } from "./slack.ts";
import { sms } from "./sms.ts";
import { teams } from "./teams.ts";
import { webhook } from "./webhook.ts";

/** `sink` is not among them: it is the service's own. */
export const CHANNELS: readonly Channel[] = [webhook, slack, teams, ntfy, sms];

export const ADDED_KINDS = CHANNELS.map(({ kind }) => kind);

export function findChannel(kind: ChannelKind): Channel | undefined {
  return CHANNELS.find((channel) => channel.kind === kind);
}
