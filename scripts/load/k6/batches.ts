// Hundreds of events a request, as a till's server or a till that was offline sends them.
import { scenario } from "k6/execution";
import { post } from "k6/http";
import { madeBatch } from "./made-requests.ts";
import { allTaken, given, openLoop, optionsOf } from "./open-loop.ts";

export { handleSummary } from "./open-loop.ts";
export const options = optionsOf({ server: openLoop("sendBatch") }, { ingest: given.p99Ms });

export function sendBatch(): void {
  const nth = scenario.iterationInTest;
  const body = madeBatch(given.run, nth, given.batch, Date.now());
  const headers = { authorization: `Bearer ${given.key}`, "content-type": "application/x-ndjson" };
  const answer = post(`${given.url}/v1/events`, body, { headers, tags: { kind: "ingest" } });
  allTaken(answer, given.batch);
}
