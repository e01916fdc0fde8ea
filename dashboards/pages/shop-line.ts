// One business as the overview shows it.
import type { SourceConnection } from "../../core/merchant.ts";

export type ShopLine = {
  id: string;
  name: string;
  zone: string;
  isDemo: boolean;
  open: number;
  /** Null: the event store does not answer. */
  events: { hour: number; day: number; last_ts: number | null } | null;
  sources: SourceConnection[];
};
