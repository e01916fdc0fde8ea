// The tables of what is told when, for Kysely.
import type { NoiseSetting } from "../../core/noise.ts";

export type NoiseSettingTable = NoiseSetting & { merchant_id: string; set_at: number };

export type DigestTable = { merchant_id: string; day: string; sent_at: number };

export type DigestOffTable = { merchant_id: string; recipient: string; at: number };
