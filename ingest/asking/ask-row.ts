// Asks a provider for one thing: page by page, each on disk before the cursor moves, by one process at a time.
import type { Asker, Asking, Inquiry } from "../../core/asking.ts";
import { AppError } from "../../core/errors.ts";
import { contentId, newId } from "../../core/ids.ts";
import { readJson, ShapeFault } from "../../core/json-reader.ts";
import type { Log } from "../../core/log.ts";
import type { SourceConnection } from "../../core/merchant.ts";
import {
  type AskedSource,
  type AskingDue,
  type AskingKey,
  type AskingRow,
  claimAsking,
  endAsking,
  findAskedSource,
  releaseAsking,
  saveCursor,
} from "../../stores/asking.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { SOURCES } from "../catalogue.ts";
import type { Deliveries } from "../deliveries.ts";
import type { IngestMetrics } from "../metrics.ts";
import { type AskLimits, askProvider } from "./ask-provider.ts";
import { type AskFault, pauseMs } from "./pause.ts";

export type AskTools = {
  db: Postgres;
  sealKey: string;
  deliveries: Pick<Deliveries, "asked">;
  /** Contents that this process took already: what did not change between two rounds is not taken again. */
  taken: TakenContents;
  now: () => number;
  /** In [0, 1). */
  chance: () => number;
  limits: AskLimits;
  /** Asked instead of the providers' own hosts: for tests, and for a gateway of the operator. */
  base: string | null;
  log: Log;
  metrics: Pick<IngestMetrics, "asked">;
  /** Ends a run after the page that is on its way. */
  stop: AbortSignal;
};

/** Longer than one page can take: time-out, and its objects on disk. Each page renews it. */
const CLAIM_MS = 120_000;
const MOST_PAGES = 50;
const MOST_OBJECTS = 1000;
/** An object that was named is asked for so long. */
const GIVE_UP_MS = 3 * 86_400_000;

/** Out: when the row itself is due again, if ever; `busy`: it is not due, or somebody has the source. Throws when our own Postgres does not answer. */
export async function askRow(
  key: AskingKey,
  tools: AskTools,
): Promise<AskingDue | "busy" | undefined> {
  const name = newId("ask", tools.now());
  const row = await claimAsking(tools.db, key, claimOf(name, tools), tools.now());
  if (row === undefined) return "busy";
  const source = await findSourceOr(key, tools);
  if ("fault" in source) return afterFault(row, name, source.fault, tools);
  const { kind } = source.connection;
  const run = await readPages(row, name, source, tools);
  if (run === "lost") return "busy";
  tools.metrics.asked(kind, run.fault?.kind ?? "answered");
  if (run.fault === undefined) return afterSuccess(row, name, run, tools);
  tools.log.warn({ ...key, kind, fault: run.fault.kind }, "asking a provider failed");
  return afterFault(row, name, run.fault, tools);
}

const claimOf = (name: string, { now }: AskTools) => ({ name, untilMs: now() + CLAIM_MS });

const NO_TOKEN: AskFault = {
  kind: "refused",
  words: "There is no token: set one for this source.",
};
const NO_ACCOUNT: AskFault = {
  kind: "refused",
  words: "The provider's name of this account is not confirmed: confirm it for this source.",
};

async function findSourceOr(
  key: AskingKey,
  { db, sealKey }: AskTools,
): Promise<AskedSource | { fault: AskFault }> {
  try {
    const found = await findAskedSource(db, key, sealKey);
    if (found === undefined) return { fault: NO_TOKEN };
    const { account, account_confirmed: confirmed } = found.connection;
    return account === null || !confirmed ? { fault: NO_ACCOUNT } : found;
  } catch (fault) {
    if (!(fault instanceof AppError)) throw fault;
    return { fault: { kind: "ours", words: "The token cannot be opened here: set it again." } };
  }
}

type Run = { fault?: AskFault; more: boolean; everyMs: number };

async function readPages(
  row: AskingRow,
  claim: string,
  source: AskedSource,
  tools: AskTools,
): Promise<Run | "lost"> {
  const { asking } = SOURCES[source.connection.kind];
  const inquiry = asking === undefined ? undefined : inquiryOf(asking, row);
  if (asking === undefined || inquiry === undefined)
    return {
      fault: { kind: "gone", words: "Nothing asks for this any more." },
      more: false,
      everyMs: 0,
    };
  const of = askerOf(source.connection, tools.now());
  let { cursor } = row;
  let more = true;
  for (let page = 0; more && page < MOST_PAGES && !tools.stop.aborted; page += 1) {
    const answered = await askPage({ asking, inquiry, cursor, of, source }, tools);
    if ("fault" in answered) return { fault: answered.fault, more, everyMs: 0 };
    cursor = answered.cursor;
    more = answered.more;
    if (!(await saveCursor(tools.db, row, cursor, claimOf(claim, tools)))) return "lost";
  }
  return { more, everyMs: "everyMs" in inquiry ? (inquiry.everyMs as number) : 0 };
}

function inquiryOf(asking: Asking, { what, once }: AskingRow): Inquiry | undefined {
  if (!once) return asking.polls.find((poll) => poll.what === what);
  const cut = what.indexOf(":");
  return asking.object?.(what.slice(0, cut), what.slice(cut + 1));
}

const askerOf = ({ account, created_at }: SourceConnection, nowMs: number): Asker => ({
  account: account ?? "",
  nowMs,
  sinceMs: created_at,
});

type Page = {
  asking: Asking;
  inquiry: Inquiry;
  cursor: string | null;
  of: Asker;
  source: AskedSource;
};

/** One page, and everything that it holds on disk. */
async function askPage({ asking, inquiry, cursor, of, source }: Page, tools: AskTools) {
  const { connection, token, host } = source;
  const chosen = asking.hosts.find((one) => one === host) ?? asking.hosts[0];
  try {
    const outcome = await askProvider(inquiry.ask(cursor, of), {
      base: tools.base ?? `https://${chosen}`,
      headers: asking.headers(token),
      limits: tools.limits,
      now: tools.now,
    });
    if (!outcome.ok) return { fault: outcome.fault };
    const answered = inquiry.read(readJson(outcome.answer, "answer"), cursor, of);
    if (answered.objects.length > MOST_OBJECTS)
      throw new ShapeFault("answer", `at most ${MOST_OBJECTS} objects`);
    for (const asked of answered.objects) {
      const content = contentId(connection.id, asked.type, JSON.stringify(asked.object));
      if (tools.taken.has(content)) continue;
      await tools.deliveries.asked(connection, asked);
      tools.taken.add(content);
    }
    return answered;
  } catch (fault) {
    return { fault: faultOf(fault) };
  }
}

function faultOf(fault: unknown): AskFault {
  if (fault instanceof ShapeFault)
    return {
      kind: "unreadable",
      words: `The provider's answer is not as expected: ${fault.message}`,
    };
  if (fault instanceof AppError)
    return { kind: "ours", words: `What came could not be kept here (${fault.code}).` };
  throw fault;
}

function afterSuccess(
  row: AskingRow,
  claim: string,
  { more, everyMs }: Run,
  { db, now }: AskTools,
): Promise<AskingDue | undefined> {
  if (row.once && !more) return endAsking(db, row, { claim, wanted: row.wanted });
  const at = now();
  const next = more ? at : at + everyMs;
  return releaseAsking(db, row, claim, { ok: true, last_ok_at: at, next_at: next, failures: 0 });
}

function afterFault(
  row: AskingRow,
  claim: string,
  fault: AskFault,
  { db, now, chance, log }: AskTools,
): Promise<AskingDue | undefined> {
  const at = now();
  if (row.once && (fault.kind === "gone" || at - row.created_at > GIVE_UP_MS)) {
    const { merchant_id, source_id, what } = row;
    log.warn(
      { merchant_id, source_id, what, fault: fault.kind },
      "an object is not asked for any more",
    );
    return endAsking(db, row, { claim, wanted: row.wanted });
  }
  return releaseAsking(db, row, claim, {
    ok: false,
    last_error: fault.words.slice(0, 500),
    last_error_at: at,
    next_at: at + pauseMs(fault, row.failures, chance()),
    failures: row.failures + 1,
  });
}

export type TakenContents = { has(content: string): boolean; add(content: string): void };

/** Remembers the last so many; forgetting one costs a repeat that counts as duplicate. */
export function takenContents(most = 20_000): TakenContents {
  const all = new Set<string>();
  return {
    has: (content) => all.has(content),
    add(content) {
      all.add(content);
      if (all.size <= most) return;
      for (const oldest of all) {
        all.delete(oldest);
        break;
      }
    },
  };
}
