// A provider's delivery: verify the bytes, keep them scrubbed, translate, and send the facts through the pipeline.
import type { Asked } from "../core/asking.ts";
import type { Delivery, Translation, VerifyResult } from "../core/delivery.ts";
import { AppError } from "../core/errors.ts";
import { splitBody } from "../core/event-body.ts";
import type { EventOutcome, QuarantineReason } from "../core/event-outcome.ts";
import { newId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import { SOURCE_KINDS, type SourceConnection, type SourceKind } from "../core/merchant.ts";
import { encodeQuarantined } from "../stores/quarantine.ts";
import { SOURCES } from "./catalogue.ts";
import type { Directory } from "./directory.ts";
import type { IngestMetrics } from "./metrics.ts";
import type { Pipeline } from "./pipeline.ts";
import { MAX_EVENTS_A_BODY } from "./sources/api.ts";
import { cardReports, factEvents, rawLine, type Way } from "./steps/delivery-lines.ts";
import { fillCurrency } from "./steps/fill-currency.ts";
import { scrubDelivery } from "./steps/scrub-delivery.ts";
import { signatureBursts } from "./steps/signature-bursts.ts";

/** `outcome` names what became of the delivery; `outcomes` what became of each event in it. */
export type DeliveryAnswer = {
  outcome: "events" | "ignored" | "ask" | "quarantined" | "rejected";
  /** The provider's own name of the event, where it is ignored or the object must be asked for. */
  type?: string;
  outcomes: EventOutcome[];
};

export type DeliveriesDeps = {
  directory: Pick<Directory, "source" | "proposeAccount" | "shop" | "noteTrouble">;
  pipeline: Pick<Pipeline, "take">;
  now: () => number;
  log: Log;
  metrics: IngestMetrics;
  /** Notes what a delivery named, to be asked for. Throws RATE_LIMITED, STORE_UNAVAILABLE. */
  want(connection: SourceConnection, whats: readonly string[]): Promise<void>;
};

export type Incoming = {
  kind: string;
  connectionId: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** A test of the connection: goes the same way, but no event is stored of it and nothing is counted. */
  isTest?: true;
};

/** The delivery key of tests, so that whoever counts deliveries can leave them out. */
export const TEST_KEY = "tillwatch.test";

export type Deliveries = {
  /** Throws NOT_FOUND, SECRET_MISSING, SIGNATURE_*, SPOOL_UNAVAILABLE, STORE_UNAVAILABLE, and for `api` what splitBody throws. */
  take(incoming: Incoming): Promise<DeliveryAnswer>;
  /** Takes an object that we asked the provider for. Throws SPOOL_UNAVAILABLE, STORE_UNAVAILABLE. */
  asked(connection: SourceConnection, asked: Asked): Promise<DeliveryAnswer>;
  /** Translates a kept (scrubbed) body again, without a signature. `wasAsked`: it came from the provider's own API. */
  again(connection: SourceConnection, body: string, wasAsked: boolean): Promise<DeliveryAnswer>;
};

/** Stands in place of the event's id where an answer to a question was set aside. A sender cannot put it there. */
export const ASKED = "asked";

export function makeDeliveries(deps: DeliveriesDeps): Deliveries {
  const bursts = signatureBursts();
  return {
    async take(incoming) {
      const { connection, secrets } = await connectionOf(incoming, deps);
      const { headers, body } = incoming;
      const delivery = { url: connection.url, headers, body };
      const verdict = SOURCES[connection.kind].source.verify(delivery, secrets, deps.now());
      if (incoming.isTest) return takeTest(delivery, verdict, connection, deps);
      if (!verdict.ok) return refuse(verdict, connection, { bursts, ...deps });
      if (connection.kind === "api") return takeOwnFormat(delivery, connection, deps);
      const answer = await takeTranslated(delivery, connection, deps);
      deps.metrics.delivery(connection.kind, answer.outcome);
      return answer;
    },
    async asked(connection, asked) {
      const body = Buffer.from(JSON.stringify({ asked: asked.type, object: asked.object }));
      const answer = await takeAsked(body, connection, deps);
      deps.metrics.delivery(connection.kind, answer.outcome);
      return answer;
    },
    async again(connection, body, wasAsked) {
      if (wasAsked) return takeAsked(Buffer.from(body), connection, deps);
      const delivery = { url: connection.url, headers: {}, body: Buffer.from(body) };
      return takeTranslated(delivery, connection, deps);
    },
  };
}

async function connectionOf({ kind, connectionId }: Incoming, deps: DeliveriesDeps) {
  const isKind = (SOURCE_KINDS as readonly string[]).includes(kind);
  const found = isKind ? await deps.directory.source(connectionId) : undefined;
  if (found === undefined || found.connection.kind !== (kind as SourceKind))
    throw new AppError("NOT_FOUND", "There is no connection at this address.");
  if (found.secrets.length === 0)
    throw new AppError("SECRET_MISSING", "This connection has no secret here; send again later.");
  return found;
}

const REFUSALS: Record<Extract<VerifyResult, { ok: false }>["code"], string> = {
  SIGNATURE_MISSING: "The delivery carries no signature header of this source.",
  SIGNATURE_INVALID: "The signature does not fit the bytes, the registered address or the secret.",
  SIGNATURE_STALE: "The signed time is too old or too far ahead.",
};

/** A burst of bad signatures is an event of its own: a secret that was replaced on one side only, or somebody trying. */
async function refuse(
  verdict: Extract<VerifyResult, { ok: false }>,
  connection: SourceConnection,
  {
    bursts,
    pipeline,
    directory,
    now,
    log,
    metrics,
  }: DeliveriesDeps & { bursts: ReturnType<typeof signatureBursts> },
): Promise<never> {
  metrics.delivery(connection.kind, verdict.code);
  directory.noteTrouble(connection.merchant_id, connection.id, REFUSALS[verdict.code]);
  const report = bursts.count(connection, now());
  if (report !== undefined) {
    const { merchant_id: merchantId, kind } = connection;
    log.warn({ connectionId: connection.id, kind }, "many deliveries with bad signatures");
    await pipeline
      .take([{ index: 0, value: report }], { merchantId, source: kind })
      .catch((error: unknown) => log.error({ error }, "a burst could not be noted"));
  }
  throw new AppError(verdict.code, REFUSALS[verdict.code]);
}

/** The same steps, but for what would be counted or stored as an event: the raw body is put on disk and nothing follows from it. */
async function takeTest(
  delivery: Delivery,
  verdict: VerifyResult,
  connection: SourceConnection,
  deps: DeliveriesDeps,
): Promise<DeliveryAnswer> {
  if (!verdict.ok) throw new AppError(verdict.code, REFUSALS[verdict.code]);
  const { source, kept } = SOURCES[connection.kind];
  const translated: Translation =
    connection.kind === "api"
      ? { account: null, delivery_key: "", live: null, outcome: "ignored", type: TEST_KEY }
      : source.translate(delivery);
  const refusal = refusalOf(translated, connection);
  if (refusal === "test_mode") return testModeAnswer(connection);
  if (refusal !== undefined) throw new AppError("CONFLICT", `${refusal.reason}: ${refusal.detail}`);
  const scrubbed = scrubDelivery(delivery.body, kept);
  const translation = { ...translated, delivery_key: TEST_KEY };
  const way = { delivery, connection, scrubbed, translation, wasAsked: false };
  await deps.pipeline.take([], {
    merchantId: connection.merchant_id,
    source: connection.kind,
    connectionId: connection.id,
    lines: [rawLine(way, deps.now())],
  });
  return { outcome: "ignored", type: TEST_KEY, outcomes: [] };
}

/** Events in our own format need no translation and are kept as events, not as a delivery. */
async function takeOwnFormat(
  delivery: Delivery,
  connection: SourceConnection,
  deps: DeliveriesDeps,
): Promise<DeliveryAnswer> {
  const type = delivery.headers["content-type"] ?? "";
  const events = splitBody(delivery.body, type, MAX_EVENTS_A_BODY);
  const outcomes = await deps.pipeline.take(events, {
    merchantId: connection.merchant_id,
    source: "api",
    connectionId: connection.id,
    webhookId: delivery.headers["webhook-id"],
  });
  return { outcome: "events", outcomes };
}

async function takeTranslated(
  delivery: Delivery,
  connection: SourceConnection,
  deps: DeliveriesDeps,
): Promise<DeliveryAnswer> {
  const { source, asking } = SOURCES[connection.kind];
  const translation = source.translate(delivery);
  const answer = await takeFacts({ delivery, connection, translation, wasAsked: false }, deps);
  if (answer.outcome !== "ask" || translation.outcome !== "ask") return answer;
  const named = translation.objects ?? [{ type: translation.type, object: translation.object }];
  const whats = named
    .filter(({ type, object }) => asking?.object?.(type, object) !== undefined)
    .map(({ type, object }) => `${type}:${object}`);
  if (whats.length > 0) await deps.want(connection, [...new Set(whats)]);
  return answer;
}

/** What the provider answered goes the same way, but no signature has to vouch for it: we asked at its own address. */
async function takeAsked(
  body: Buffer,
  connection: SourceConnection,
  deps: DeliveriesDeps,
): Promise<DeliveryAnswer> {
  const delivery = { url: connection.url, headers: {}, body };
  const { asked, object } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
  const { asking } = SOURCES[connection.kind];
  const of: Asked = { type: String(asked), object };
  const translation = asking?.translate(of, connection.account ?? "") ?? NOT_ASKED;
  return takeFacts({ delivery, connection, translation, wasAsked: true }, deps);
}

const NOT_ASKED: Translation = {
  account: null,
  delivery_key: "",
  live: null,
  outcome: "refused",
  detail: "asked: nothing asks this source",
};

async function takeFacts(
  given: Omit<Way, "scrubbed">,
  deps: DeliveriesDeps,
): Promise<DeliveryAnswer> {
  const { delivery, connection, translation } = given;
  const { kept, currency } = SOURCES[connection.kind];
  const scrubbed = scrubDelivery(delivery.body, kept);
  deps.metrics.masked(scrubbed.found);
  const refusal = refusalOf(translation, connection);
  if (refusal === "test_mode") return testModeAnswer(connection);
  const way = { ...given, scrubbed };
  if (refusal !== undefined) return setAside(refusal, way, deps);
  proposeAccount(translation, connection, deps);
  const told = "facts" in translation ? translation.facts : [];
  const facts =
    currency === "shop"
      ? fillCurrency(told, await deps.directory.shop(connection.merchant_id))
      : told;
  const events = [...factEvents(way, facts), ...cardReports(way, deps.now())];
  const outcomes = await deps.pipeline.take(events, {
    merchantId: connection.merchant_id,
    source: connection.kind,
    connectionId: connection.id,
    lines: [rawLine(way, deps.now())],
  });
  return {
    outcome: translation.outcome as DeliveryAnswer["outcome"],
    ...("type" in translation ? { type: translation.type } : {}),
    outcomes: outcomes.slice(0, facts.length),
  };
}

type Refusal = { reason: QuarantineReason; detail: string };

function refusalOf(
  translation: Translation,
  { account, account_confirmed, mode }: SourceConnection,
): Refusal | "test_mode" | undefined {
  if (translation.outcome === "refused")
    return { reason: "translation_failed", detail: translation.detail };
  if (translation.account !== null && account_confirmed && account !== translation.account)
    return { reason: "wrong_account", detail: "account: expected the connection's own" };
  const other = mode === "live" ? false : mode === "test" ? true : undefined;
  return other !== undefined && translation.live === other ? "test_mode" : undefined;
}

function testModeAnswer({ mode }: SourceConnection): DeliveryAnswer {
  const detail = `livemode: this connection takes ${mode} deliveries only`;
  return { outcome: "rejected", outcomes: [{ outcome: "rejected", reason: "test_mode", detail }] };
}

/** A body that we cannot use now is kept whole (scrubbed): a later version may read it. */
async function setAside(refusal: Refusal, way: Way, deps: DeliveriesDeps): Promise<DeliveryAnswer> {
  const { connection, scrubbed } = way;
  const nowMs = deps.now();
  const quarantineId = newId("qua", nowMs);
  const line = encodeQuarantined({
    merchant_id: connection.merchant_id,
    quarantine_id: quarantineId,
    received_ts: nowMs,
    source: connection.kind,
    connection_id: connection.id,
    ...refusal,
    event_id: way.wasAsked ? ASKED : "",
    body: scrubbed.body,
  });
  await deps.pipeline.take(cardReports(way, nowMs), {
    merchantId: connection.merchant_id,
    source: connection.kind,
    lines: [{ kind: "quarantine", line }],
  });
  const outcome: EventOutcome = { outcome: "quarantined", quarantine_id: quarantineId, ...refusal };
  deps.metrics.outcomes(connection.kind, [outcome]);
  return { outcome: "quarantined", outcomes: [outcome] };
}

/** The first verified delivery names the account; it is believed once a person has confirmed it. */
function proposeAccount(
  translation: Translation,
  connection: SourceConnection,
  deps: DeliveriesDeps,
) {
  if (translation.account === null || connection.account !== null) return;
  // Remembered connections lag a little; the proposal itself changes nothing that is there.
  connection.account = translation.account;
  deps.directory
    .proposeAccount(connection.merchant_id, connection.id, translation.account)
    .catch((error: unknown) => {
      connection.account = null;
      deps.log.warn({ connectionId: connection.id, error }, "an account could not be proposed");
    });
}
