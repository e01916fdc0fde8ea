// Who is told of the alerts of one transaction: each merchant's rules, channels and zones are read once.
import type { Alert } from "../core/alert.ts";
import type { ChannelKind } from "../core/channel.ts";
import type { OnCall } from "../core/routing.ts";
import { listChannels } from "../stores/channels.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { findMerchant } from "../stores/merchants.ts";
import { messageId, type NewMessage } from "../stores/messages.ts";
import { listStores } from "../stores/places.ts";
import { listRoutingRules, readOnCall } from "../stores/routing.ts";
import { type Deadline, type EscalationGiven, escalate } from "./escalation.ts";
import { type RouteGiven, route } from "./routing.ts";

export type ToldChannel = { id: string; kind: ChannelKind; dueAt: number };
/** `deadline`: when the next on call is told, unless somebody acknowledges. */
export type ToldWays = { emails: string[]; channels: ToldChannel[]; deadline: Deadline | null };

type Known = Omit<RouteGiven, "zone" | "channels"> & {
  zone: string;
  zones: Map<string, string>;
  kinds: Map<string, ChannelKind>;
  onCall: OnCall | null;
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
    return await this.withOnCall(alert, { emails: told.emails, channels, deadline: null });
  }

  /** The first on call is told at once, beside those whom the rules name. */
  private async withOnCall(alert: Alert, told: ToldWays): Promise<ToldWays> {
    const now = this.now;
    const given = await this.onCall(alert.merchant_id);
    const { tell, next } = escalate(alert, given, { step: 0, due_at: now }, now);
    if (tell === null) return told;
    if ("email" in tell.to) {
      return { ...told, emails: [...told.emails, tell.to.email], deadline: next };
    }
    const first = await this.channel(alert.merchant_id, tell.to.channel);
    const others = told.channels.filter(({ id }) => id !== first?.id);
    const channels = first === undefined ? others : [...others, first];
    return { ...told, channels, deadline: next };
  }

  async onCall(merchantId: string): Promise<EscalationGiven> {
    const { onCall, kinds } = await this.knownOf(merchantId);
    return { list: onCall, canTell: (step) => "email" in step || kinds.has(step.channel) };
  }

  /** A channel that is on, to be told now. */
  async channel(merchantId: string, id: string): Promise<ToldChannel | undefined> {
    const kind = (await this.knownOf(merchantId)).kinds.get(id);
    return kind === undefined ? undefined : { id, kind, dueAt: this.now };
  }

  private async knownOf(merchantId: string): Promise<Known> {
    const before = this.known.get(merchantId);
    if (before !== undefined) return before;
    const { trx } = this;
    const merchant = await findMerchant(trx, merchantId);
    const rules = (await listRoutingRules(trx, merchantId)).map(({ rule }) => rule);
    const onCall = await readOnCall(trx, merchantId);
    const plain = rules.length === 0 && onCall === null;
    const channels = plain ? [] : await listChannels(trx, merchantId);
    const stores = plain ? [] : await listStores(trx, merchantId);
    const known = {
      rules,
      owners: merchant?.emails ?? [],
      zone: merchant?.zone ?? "UTC",
      zones: new Map(stores.map(({ id, zone }) => [id, zone])),
      onCall,
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
