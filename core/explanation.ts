// Why a rule spoke, as a reader sees it: the events, what would have kept it silent, and each condition with what was seen.

/** One condition of the rule, nested by `depth`; `holds` for the event that is explained. */
export type ExplainedLeaf = { depth: number; holds: boolean; text: string };

/**
 * `version`: of the rule when it spoke; `current_version`: as it is now, by which this is worked out. `changes`:
 * sentences, each tried on the stored events. `leaves`: of the newest event. `note`: why something is missing, or null.
 */
export type Explanation = {
  finding_id: string;
  rule: string;
  version: number;
  current_version: number | null;
  value: number | null;
  threshold: number | null;
  /** At most 200, the newest last. */
  events: { event_id: string; event_type: string; ts: number }[];
  event_count: number;
  changes: string[];
  leaves: ExplainedLeaf[];
  note: string | null;
};

/** Explains the newest finding on an alert; undefined when it is gone. */
export type ExplainAlert = (of: {
  merchant_id: string;
  detection: string;
  subject: string;
  last_ts: number;
}) => Promise<Explanation | undefined>;
