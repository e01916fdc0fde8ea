// One event a request, as a till sends them.
import { scenario } from "k6/execution";
import { post } from "k6/http";
import { madeEvent } from "./made-requests.ts";
import { allTaken, given, openLoop, optionsOf } from "./open-loop.ts";

export { handleSummary } from "./open-loop.ts";
export const options = optionsOf({ till: openLoop("sendEvent") }, { ingest: given.p99Ms });

export function sendEvent(): void {
  const nth = scenario.iterationInTest;
  const body = JSON.stringify(madeEvent(given.run, nth, Date.now()));
  const headers = { authorization: `Bearer ${given.key}`, "content-type": "application/json" };
  allTaken(post(`${given.url}/v1/events`, body, { headers, tags: { kind: "ingest" } }), 1);
}
