// The door for providers: one address per connection, raw bytes, answered when the delivery is on disk.
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { DeliveryAnswerBody, ERROR_ANSWERS, summed } from "./answers.ts";
import type { Doors } from "./doors.ts";

const Params = z.object({
  kind: z
    .string()
    .describe("square, stripe, shopify, adyen, toast, zettle, lightspeed, clover, sumup or api"),
  connectionId: z.string().describe("As `admin -- source add` printed it."),
});

export function deliveryRoutes(scope: FastifyInstance, doors: Doors): void {
  scope.post("/in/:kind/:connectionId", {
    schema: {
      summary: "Take a provider's delivery",
      description: "The body as the provider sends and signs it, at most 1 MiB.",
      tags: ["ingest"],
      params: Params,
      response: { 200: DeliveryAnswerBody, ...ERROR_ANSWERS },
    },
    async handler(request) {
      const { kind, connectionId } = request.params as z.infer<typeof Params>;
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      doors.count.bytes("in", body.length);
      const headers = plainHeaders(request.headers);
      const answer = await doors.deliveries.take({ kind, connectionId, headers, body });
      const { outcomes, ...named } = answer;
      return { ...named, ...summed(outcomes) };
    },
  });
}

/** Headers as single texts. A signature header sent twice becomes one that fits nothing. */
export function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return plain;
}
