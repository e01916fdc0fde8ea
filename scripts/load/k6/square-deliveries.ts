// Square's webhooks with a right signature, as they come on a busy day.
import { hmac } from "k6/crypto";
import { scenario } from "k6/execution";
import { post } from "k6/http";
import { madeSquarePayment, squareHeaders } from "./made-requests.ts";
import { allTaken, given, openLoop, optionsOf } from "./open-loop.ts";

export { handleSummary } from "./open-loop.ts";
export const options = optionsOf({ square: openLoop("deliver") }, { ingest: given.p99Ms });

export function deliver(): void {
  const nth = scenario.iterationInTest;
  const body = madeSquarePayment(given.run, nth, Date.now());
  const headers = squareHeaders(given.squareRegistered, body, (data) =>
    hmac("sha256", given.squareSecret, data, "base64"),
  );
  allTaken(post(given.squareUrl, body, { headers, tags: { kind: "ingest" } }), 1);
}
