// The API's doors to a merchant's rules: how each runs, snoozes, lists, exclusions; every change with a reason.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Authenticator, actorOf } from "../../accounts/authenticate.ts";
import { checkCsrf } from "../../accounts/csrf.ts";
import { reachedMerchant, requireCaller } from "../../accounts/guard.ts";
import { AppError } from "../../core/errors.ts";
import type { Secrets } from "../../core/settings.ts";
import { findingsOfRule } from "../../stores/findings.ts";
import { listRuleChanges } from "../../stores/rule-settings.ts";
import { MODES } from "../engine/plan.ts";
import {
  type Decided,
  decideEntries,
  decideExclusion,
  decideExclusionEnd,
  decideRule,
  decideSnooze,
  decideSnoozeEnd,
  type Standing,
} from "../engine/tune/change.ts";
import { explainEvent, explainFinding } from "../explain.ts";
import { change } from "./changes.ts";
import { inForce, type OverviewDeps, rulesOverview } from "./overview.ts";

export type SettingsRoutesDeps = OverviewDeps & {
  secrets: Pick<Secrets, "SESSION_KEY">;
  authenticator: Authenticator;
};

const merchant_id = z.string().max(64).optional().describe("needed for a signed-in person only");
const query = z.strictObject({ merchant_id });
const reason = z.string().max(500).describe("why; it stands in the history");
const until = z.int().describe("UTC milliseconds");
const Params = z.object({ name: z.string().max(128) });
const Changed = z.object({
  changes: z.array(
    z.object({ id: z.int(), kind: z.string(), key: z.string(), value: z.unknown() }),
  ),
});
const base = { tags: ["rules"], security: [{ apiKey: [] }] };
const changing = { ...base, querystring: query, response: { 200: Changed } };

/** Rules, snoozes, lists and exclusions below `/v1/`. Reading needs alerts:read, changing rules:write. */
export function registerSettingsRoutes(app: FastifyInstance, deps: SettingsRoutesDeps): void {
  readRoutes(app, deps);
  ruleRoutes(app, deps);
  snoozeRoutes(app, deps);
  listRoutes(app, deps);
  exclusionRoutes(app, deps);
  explainRoutes(app, deps);
}

function explainRoutes(app: FastifyInstance, deps: SettingsRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    "/v1/findings/:name/explain",
    {
      schema: {
        ...base,
        querystring: query,
        params: Params,
        summary:
          "The events that made a finding, and the smallest changes that would have kept it silent",
      },
    },
    async (request, reply) =>
      explainFinding(deps, await reader(deps, request, reply), request.params.name),
  );
  api.get(
    "/v1/rules/:name/explain",
    {
      schema: {
        ...base,
        querystring: query.extend({ event: z.string().max(200).describe("an event's id") }),
        params: Params,
        summary: "Whether an event counts for a rule, condition by condition",
      },
    },
    async (request, reply) => {
      const merchantId = await reader(deps, request, reply);
      const of = { rule: request.params.name, eventId: request.query.event };
      return await explainEvent(deps, merchantId, of);
    },
  );
}

function readRoutes(app: FastifyInstance, deps: SettingsRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const reading = { ...base, querystring: query };
  api.get(
    "/v1/rules",
    {
      schema: { ...reading, summary: "Rules: mode, knobs, what each found, why it may be silent" },
    },
    async (request, reply) => rulesOverview(deps, await reader(deps, request, reply)),
  );
  const parts = [
    ["/v1/snoozes", "snoozes", "Snoozes in force, and how much each hid"],
    ["/v1/lists", "entries", "Entries of all lists in force"],
    ["/v1/exclusions", "exclusions", "Exclusions in force"],
  ] as const;
  for (const [path, part, summary] of parts) {
    api.get(path, { schema: { ...reading, summary } }, async (request, reply) => {
      const all = await inForce(deps, await reader(deps, request, reply));
      return { [part]: all[part] };
    });
  }
}

function ruleRoutes(app: FastifyInstance, deps: SettingsRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const body = z.strictObject({
    mode: z.enum(MODES).optional(),
    knobs: z
      .record(z.string().max(64), z.number().nullable())
      .optional()
      .describe("knob → value; null = as in the rule's file"),
    reason,
  });
  api.patch(
    "/v1/rules/:name",
    { schema: { ...changing, params: Params, body, summary: "Set a rule's mode and knobs" } },
    async (request) =>
      changed(deps, request, (standing) =>
        decideRule(standing, { rule: request.params.name, ...request.body }),
      ),
  );
  api.get(
    "/v1/rules/:name/history",
    {
      schema: {
        ...base,
        querystring: query,
        params: Params,
        summary: "Who changed a rule, and why",
      },
    },
    async (request, reply) => {
      const merchantId = await reader(deps, request, reply);
      const of = { kind: "settings" as const, key: request.params.name };
      return { changes: await listRuleChanges(deps.db, merchantId, of) };
    },
  );
  const page = query.extend({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    before: z.coerce.number().int().optional().describe("UTC milliseconds; findings before it"),
  });
  api.get(
    "/v1/rules/:name/findings",
    {
      schema: {
        ...base,
        querystring: page,
        params: Params,
        summary: "A rule's findings, those in shadow and hidden ones included",
      },
    },
    async (request, reply) => {
      const merchantId = await reader(deps, request, reply);
      const { limit, before } = request.query;
      const of = { rule: request.params.name, limit, beforeTs: before };
      return { findings: await findingsOfRule(deps.db, merchantId, of) };
    },
  );
}

function snoozeRoutes(app: FastifyInstance, deps: SettingsRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const body = z.strictObject({
    rule: z.string().max(128).default("*").describe("a rule, a detection, or * for all"),
    subject: z.string().max(300).describe("type:id, such as cashier:k7"),
    until,
    reason,
  });
  api.post(
    "/v1/snoozes",
    { schema: { ...changing, body, summary: "Tell nobody of a subject's findings for a while" } },
    async (request) => changed(deps, request, (standing) => decideSnooze(standing, request.body)),
  );
  api.post(
    "/v1/snoozes/:id/end",
    {
      schema: {
        ...changing,
        params: z.object({ id: z.coerce.number().int() }),
        body: z.strictObject({ reason }),
        summary: "End a snooze now",
      },
    },
    async (request) =>
      changed(deps, request, (standing) =>
        decideSnoozeEnd(standing, { seq: request.params.id, ...request.body }),
      ),
  );
}

function listRoutes(app: FastifyInstance, deps: SettingsRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const values = z.array(z.string().max(200)).min(1).max(1000);
  const add = z.strictObject({
    values,
    until: until.nullable().default(null),
    owner: z.string().max(200).default("").describe("who answers for it"),
    reason,
  });
  api.post(
    "/v1/lists/:name",
    { schema: { ...changing, params: Params, body: add, summary: "Put values on a list" } },
    async (request) =>
      changed(deps, request, (standing) =>
        decideEntries(standing, { list: request.params.name, listed: true, ...request.body }),
      ),
  );
  api.post(
    "/v1/lists/:name/remove",
    {
      schema: {
        ...changing,
        params: Params,
        body: z.strictObject({ values, reason }),
        summary: "Take values off a list",
      },
    },
    async (request) =>
      changed(deps, request, (standing) =>
        decideEntries(standing, {
          ...{ list: request.params.name, listed: false, until: null, owner: "" },
          ...request.body,
        }),
      ),
  );
}

function exclusionRoutes(app: FastifyInstance, deps: SettingsRoutesDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const body = z.strictObject({
    text: z
      .string()
      .max(65_536)
      .describe("a Sigma filter with tillwatch: {owner, reason, expires}"),
    reason,
  });
  api.post(
    "/v1/exclusions",
    { schema: { ...changing, body, summary: "Leave events out of rules, by a Sigma filter" } },
    async (request) =>
      changed(deps, request, (standing) => decideExclusion(standing, request.body)),
  );
  api.post(
    "/v1/exclusions/:name/remove",
    {
      schema: {
        ...changing,
        params: Params,
        body: z.strictObject({ reason }),
        summary: "Take an exclusion back",
      },
    },
    async (request) =>
      changed(deps, request, (standing) =>
        decideExclusionEnd(standing, { name: request.params.name, ...request.body }),
      ),
  );
}

const asked = (request: FastifyRequest) =>
  (request.query as { merchant_id?: string | undefined }).merchant_id;

async function reader(
  { authenticator }: SettingsRoutesDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  const caller = await requireCaller(authenticator, request);
  reply.header("cache-control", "no-store");
  return reachedMerchant(caller, "alerts:read", asked(request));
}

async function changed(
  deps: SettingsRoutesDeps,
  request: FastifyRequest,
  decide: (standing: Standing) => readonly Decided[],
): Promise<z.infer<typeof Changed>> {
  const caller = await requireCaller(deps.authenticator, request);
  if (!checkCsrf(caller, request.headers["x-csrf-token"], deps.secrets.SESSION_KEY)) {
    throw new AppError("FORBIDDEN", "A signed-in person must send the header `x-csrf-token`.");
  }
  const merchantId = reachedMerchant(caller, "rules:write", asked(request));
  const by = { merchantId, actor: actorOf(caller), address: request.ip };
  const changes = await change(deps, by, decide);
  return { changes: changes.map(({ seq, kind, key, value }) => ({ id: seq, kind, key, value })) };
}
