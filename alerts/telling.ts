// Who is told of the alerts of one transaction: each merchant's rules, channels and zones are read once.
import type { Alert } from "../core/alert.ts";
import type { ChannelKind } from "../core/channel.ts";
import { listChannels } from "../stores/channels.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { findMerchant } from "../stores/merchants.ts";
import { messageId, type NewMessage } from "../stores/messages.ts";
import { listStores } from "../stores/places.ts";
import { listRoutingRules } from "../stores/routing.ts";
import { type RouteGiven, route } from "./routing.ts";

export type ToldChannel = { id: string; kind: ChannelKind; dueAt: number };
export type ToldWays = { emails: string[]; channels: ToldChannel[] };

type Known = Omit<RouteGiven, "zone" | "channels"> & {
  zone: string;
  zones: Map<string, string>;
  kinds: Map<string, ChannelKind>;
};

export class Telling {
  private readonly known = new Map<string, Known>();
  private readonly trx: Postgres;
  private readonly now: number;

  constructor(trx: Postgres, now: number) {
    this.trx = trx;
    this.now = now;
  }

  async of(alert: Alert): Promise<ToldWays> {
    const { rules, owners, kinds, zones, ...known } = await this.knownOf(alert.merchant_id);
    const zone = zones.get(alert.store_id ?? "") ?? known.zone;
    const told = route(alert, { rules, owners, zone, channels: new Set(kinds.keys()) }, this.now);
    const channels = told.channels.flatMap(({ id, dueAt }) => {
      const kind = kinds.get(id);
      return kind === undefined ? [] : [{ id, kind, dueAt }];
    });
    return { emails: told.emails, channels };
  }

  private async knownOf(merchantId: string): Promise<Known> {
    const before = this.known.get(merchantId);
    if (before !== undefined) return before;
    const { trx } = this;
    const merchant = await findMerchant(trx, merchantId);
    const rules = (await listRoutingRules(trx, merchantId)).map(({ rule }) => rule);
    const channels = rules.length === 0 ? [] : await listChannels(trx, merchantId);
    const stores = rules.length === 0 ? [] : await listStores(trx, merchantId);
    const known = {
      rules,
      owners: merchant?.emails ?? [],
      zone: merchant?.zone ?? "UTC",
      zones: new Map(stores.map(({ id, zone }) => [id, zone])),
      kinds: new Map(channels.filter(({ is_on }) => is_on).map(({ id, kind }) => [id, kind])),
    };
    this.known.set(merchantId, known);
    return known;
  }
}

export function channelMessage(
  alert: Alert,
  channel: ToldChannel,
  { kind, event_ts }: { kind: string; event_ts: number },
): NewMessage {
  return {
    merchant_id: alert.merchant_id,
    id: messageId({ alert_id: alert.id, channel_id: channel.id, kind }),
    channel_id: channel.id,
    channel_kind: channel.kind,
    alert_id: alert.id,
    kind,
    event_ts,
    due_at: channel.dueAt,
  };
}
