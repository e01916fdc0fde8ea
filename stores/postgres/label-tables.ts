// Kysely's view of the tables of labels.
import type { GeneratedAlways } from "kysely";
import type { AlertLabel } from "../../core/alert-label.ts";

export type AlertLabelTable = Omit<AlertLabel, "seq"> & {
  merchant_id: string;
  alert_id: string;
  seq: GeneratedAlways<number>;
};

export type LabelPositionTable = { merchant_id: string; received_ts: number };
