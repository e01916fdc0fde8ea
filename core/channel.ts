// A way to tell a merchant's people besides mail, as it may be shown: its secrets are left out.

/** `sink` takes the service's own hourly test alert and leads nowhere. */
export const CHANNEL_KINDS = ["webhook", "slack", "teams", "ntfy", "sms", "sink"] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** `address` is what may be shown of where it goes; `host` is where it connects to. */
export type ChannelRow = {
  id: string;
  merchant_id: string;
  kind: ChannelKind;
  name: string;
  address: string;
  host: string;
  is_on: boolean;
  created_at: number;
  /** Tries in a row that went wrong, and until when nothing is sent because of them, UTC ms. */
  failures: number;
  paused_until: number;
};
