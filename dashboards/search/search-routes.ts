// The API's doors to stored events: search, counts over time, what happened around one, the history of a subject.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Authenticator } from "../../accounts/authenticate.ts";
import { reachedMerchant, requireCaller } from "../../accounts/guard.ts";
import { AppError } from "../../core/errors.ts";
import type { Event } from "../../core/event.ts";
import { FIELDS, type FieldName } from "../../core/event-fields.ts";
import type { SearchTerm } from "../../core/search-query.ts";
import { SUBJECT_FIELDS, SUBJECT_TYPES } from "../../core/subject.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import { countByTime, findEvents, summarizeField } from "../../stores/event-search.ts";
import { findEvent } from "../../stores/events.ts";
import { readPlace, readSpan, readTerms, writePlace } from "./read-search.ts";

export type SearchRoutesDeps = { ch: ClickHouse; authenticator: Authenticator; now: () => number };

const MINUTE_MS = 60_000;
const time = (about: string) =>
  z.string().max(40).optional().describe(`${about}: UTC milliseconds, or ISO 8601 with a zone`);
const span = { from: time("at or after"), to: time("before") };
const merchant_id = z.string().max(64).optional().describe("needed for a signed-in person only");
const q = z
  .string()
  .max(2000)
  .optional()
  .describe(
    'such as `event_type:payment amount:>=1000 -outcome:approved card_token:* sku:AB* "blue shirt"`: every term must hold',
  );
const page = {
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(200).optional().describe("`next_cursor` of the page before"),
  order: z.enum(["newest", "oldest"]).default("newest"),
};
const EventShape = z
  .record(z.string(), z.unknown())
  .describe("Fields as in docs/events.md; what is absent has no key.");
const PageShape = z.object({
  events: z.array(EventShape),
  next_cursor: z.string().nullable(),
});
const FIELD_NAMES = Object.keys(FIELDS) as [FieldName, ...FieldName[]];
const tags = ["events"];
const security = [{ apiKey: [] }];

/** `GET /v1/events`, `…/histogram`, `…/:id`, `…/:id/around`, `GET /v1/subjects/:type/:id`. All need events:read. */
export function registerSearchRoutes(app: FastifyInstance, deps: SearchRoutesDeps): void {
  listRoute(app, deps);
  histogramRoute(app, deps);
  eventRoutes(app, deps);
  subjectRoute(app, deps);
}

async function merchantOf(
  deps: SearchRoutesDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: string | undefined,
): Promise<string> {
  const caller = await requireCaller(deps.authenticator, request);
  reply.header("cache-control", "no-store");
  return reachedMerchant(caller, "events:read", asked);
}

function listRoute(app: FastifyInstance, deps: SearchRoutesDeps): void {
  const querystring = z.strictObject({ merchant_id, q, ...span, ...page });
  app.withTypeProvider<ZodTypeProvider>().get(
    "/v1/events",
    {
      schema: {
        tags,
        security,
        summary: "Search stored events",
        description: "Without `from`: the 24 hours before `to`. Without `to`: until now.",
        querystring,
        response: { 200: PageShape },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const merchantId = await merchantOf(deps, request, reply, query.merchant_id);
      return await pageOf(deps, merchantId, { ...query, terms: readTerms(query.q), days: 1 });
    },
  );
}

type PageQuery = {
  from?: string | undefined;
  to?: string | undefined;
  cursor?: string | undefined;
  limit: number;
  order: "newest" | "oldest";
  terms: readonly SearchTerm[];
  days: number;
};

async function pageOf(deps: SearchRoutesDeps, merchantId: string, query: PageQuery) {
  const { events, next } = await findEvents(deps.ch, merchantId, {
    ...readSpan(query, deps.now(), query.days),
    terms: query.terms,
    order: query.order,
    limit: query.limit,
    after: query.cursor === undefined ? undefined : readPlace(query.cursor),
  });
  return { events: events.map(shown), next_cursor: next === undefined ? null : writePlace(next) };
}

const shown = (event: Event): Record<string, unknown> => ({ ...event });

function histogramRoute(app: FastifyInstance, deps: SearchRoutesDeps): void {
  const Buckets = z.object({
    width_ms: z.int(),
    total: z.int(),
    buckets: z.array(
      z.object({ from: z.int(), count: z.int(), by: z.record(z.string(), z.int()) }),
    ),
  });
  app.withTypeProvider<ZodTypeProvider>().get(
    "/v1/events/histogram",
    {
      schema: {
        tags,
        security,
        summary: "Count found events over time",
        querystring: z.strictObject({
          merchant_id,
          q,
          ...span,
          buckets: z.coerce.number().int().min(1).max(1000).default(60),
          by: z.enum(FIELD_NAMES).optional().describe("split by its eight most frequent values"),
        }),
        response: { 200: Buckets },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const merchantId = await merchantOf(deps, request, reply, query.merchant_id);
      const found = await countByTime(deps.ch, merchantId, {
        ...readSpan(query, deps.now()),
        terms: readTerms(query.q),
        buckets: query.buckets,
        by: query.by,
      });
      return {
        width_ms: found.widthMs,
        total: found.total,
        buckets: found.buckets.map(({ fromTs, count, by }) => ({ from: fromTs, count, by })),
      };
    },
  );
}

const One = z.object({ id: z.string().max(64) });

function eventRoutes(app: FastifyInstance, deps: SearchRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    "/v1/events/:id",
    {
      schema: {
        tags,
        security,
        summary: "Read an event",
        params: One,
        querystring: z.strictObject({ merchant_id }),
        response: { 200: EventShape },
      },
    },
    async (request, reply) => {
      const merchantId = await merchantOf(deps, request, reply, request.query.merchant_id);
      return shown(await knownEvent(deps, merchantId, request.params.id));
    },
  );
  const Around = z.object({
    place: z.object({ field: z.string(), value: z.string() }).nullable(),
    events: z.array(EventShape),
    hidden: z.boolean().describe("There are more than are shown."),
  });
  api.get(
    "/v1/events/:id/around",
    {
      schema: {
        tags,
        security,
        summary: "What happened at the same till around an event",
        description:
          "Same terminal; without one: same cashier, device, address or store, in this order.",
        params: One,
        querystring: z.strictObject({
          merchant_id,
          minutes: z.coerce.number().int().min(1).max(1440).default(10),
        }),
        response: { 200: Around },
      },
    },
    async (request, reply) => {
      const merchantId = await merchantOf(deps, request, reply, request.query.merchant_id);
      const event = await knownEvent(deps, merchantId, request.params.id);
      return await around(deps, merchantId, event, request.query.minutes * MINUTE_MS);
    },
  );
}

/** Throws NOT_FOUND alike for what is not there and what is another merchant's. */
async function knownEvent(deps: SearchRoutesDeps, merchantId: string, id: string): Promise<Event> {
  const event = await findEvent(deps.ch, merchantId, id);
  if (event !== undefined) return event;
  throw new AppError("NOT_FOUND", "There is no such event for this caller.");
}

const PLACES = ["terminal_id", "cashier_id", "device_id", "ip", "store_id"] as const;
const MOST_AROUND = 500;

async function around(deps: SearchRoutesDeps, merchantId: string, event: Event, ms: number) {
  const field = PLACES.find((name) => event[name] !== undefined);
  const value = field === undefined ? undefined : event[field];
  const same: SearchTerm[] =
    field === undefined || value === undefined
      ? []
      : [{ not: false, kind: "is", field, values: [value] }];
  const search = { terms: same, order: "oldest" as const };
  // Both sides by themselves, so that a busy till never pushes the event itself out of sight.
  const half = MOST_AROUND / 2;
  const [before, after] = await Promise.all([
    findEvents(deps.ch, merchantId, {
      ...search,
      order: "newest",
      fromTs: event.ts - ms,
      toTs: event.ts,
      limit: half,
    }),
    findEvents(deps.ch, merchantId, {
      ...search,
      fromTs: event.ts,
      toTs: event.ts + ms + 1,
      limit: half,
    }),
  ]);
  return {
    place: field === undefined || value === undefined ? null : { field, value },
    events: [...before.events.reverse(), ...after.events].map(shown),
    hidden: before.next !== undefined || after.next !== undefined,
  };
}

function subjectRoute(app: FastifyInstance, deps: SearchRoutesDeps): void {
  const Summary = z.object({
    event_type: z.string(),
    currency: z.string(),
    count: z.int(),
    first_ts: z.int(),
    last_ts: z.int(),
    amount: z.number().describe("sum, minor units"),
  });
  app.withTypeProvider<ZodTypeProvider>().get(
    "/v1/subjects/:type/:id",
    {
      schema: {
        tags,
        security,
        summary: "The history of a card, cashier, till, …",
        description: "Without `from`: the 90 days before `to`.",
        params: z.object({ type: z.enum(SUBJECT_TYPES), id: z.string().min(1).max(200) }),
        querystring: z.strictObject({ merchant_id, ...span, ...page }),
        response: { 200: PageShape.extend({ summary: z.array(Summary) }) },
      },
    },
    async (request, reply) => {
      const { query, params } = request;
      const merchantId = await merchantOf(deps, request, reply, query.merchant_id);
      const fields = SUBJECT_FIELDS[params.type];
      if (params.type === "merchant" && params.id !== merchantId) {
        throw new AppError("NOT_FOUND", "There is no such merchant for this caller.");
      }
      const terms: SearchTerm[] = [{ not: false, kind: "any", fields, value: params.id }];
      const [found, summary] = await Promise.all([
        pageOf(deps, merchantId, { ...query, terms, days: 90 }),
        summarizeField(deps.ch, merchantId, {
          ...readSpan(query, deps.now(), 90),
          fields,
          value: params.id,
        }),
      ]);
      return { ...found, summary };
    },
  );
}
