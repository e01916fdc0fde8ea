// People search and look at counts while events stream in: five searches a second beside the batches.
import { check } from "k6";
import { scenario } from "k6/execution";
import { get, post } from "k6/http";
import { madeBatch, madeSearch } from "./made-requests.ts";
import { allTaken, given, openLoop, optionsOf } from "./open-loop.ts";

const SEARCHES_A_SECOND = 5;

export { handleSummary } from "./open-loop.ts";
export const options = optionsOf(
  { server: openLoop("sendBatch"), people: openLoop("search", SEARCHES_A_SECOND) },
  { ingest: given.p99Ms, search: given.searchP99Ms },
);
const authorization = `Bearer ${given.key}`;

export function sendBatch(): void {
  const nth = scenario.iterationInTest;
  const body = madeBatch(given.run, nth, given.batch, Date.now());
  const headers = { authorization, "content-type": "application/x-ndjson" };
  const answer = post(`${given.url}/v1/events`, body, { headers, tags: { kind: "ingest" } });
  allTaken(answer, given.batch);
}

export function search(): void {
  const path = madeSearch(given.run, scenario.iterationInTest, Date.now());
  const answer = get(`${given.url}${path}`, {
    headers: { authorization },
    tags: { kind: "search" },
  });
  check(answer, { "the search was answered": ({ status }) => status === 200 });
}
