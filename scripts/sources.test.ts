import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fixture, signSquare, signStripe, stripeEvent } from "../ingest/testing.ts";

const folder = mkdtempSync(join(tmpdir(), "tillwatch-sources-"));
const URL_AT = "https://shop.example/in/square/x";
const put = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
function run(args: string[], input = "") {
  const done = spawnSync(process.execPath, [join(import.meta.dirname, "sources.ts"), ...args], {
    input,
    encoding: "utf8",
  });
  return {
    status: done.status,
    value: done.stdout === "" ? undefined : JSON.parse(done.stdout),
    words: done.stderr,
  };
}
const translate = (kind: string, headers: string, body: string, more: string[] = []) =>
  run(
    [
      "translate",
      "--kind",
      kind,
      "--secret",
      "-",
      "--url",
      URL_AT,
      "--headers",
      headers,
      "--body",
      body,
      ...more,
    ],
    "secret\n",
  );

it("prints a delivery's events, what is ignored, and a refusal, by exit code", () => {
  const body = fixture("square/payment.created.json");
  const file = put("body", body);
  const lines = Object.entries(signSquare(URL_AT, body, "secret"))
    .map(([n, v]) => `${n.toUpperCase()}: ${v}`)
    .join("\r\n");
  expect(translate("square", put("headers", lines), file)).toMatchObject({
    status: 0,
    value: {
      outcome: "events",
      events: [
        { event_type: "payment", fact_key: "payment:hYy9pRFVxpDsO1FB05SunFWUe9JZY:approved" },
      ],
    },
  });
  expect(
    translate(
      "square",
      put("other", JSON.stringify(signSquare("https://x", body, "secret"))),
      file,
    ),
  ).toMatchObject({ status: 1, value: { outcome: "refused", code: "SIGNATURE_INVALID" } });
  const plan = stripeEvent("plan.created", {});
  const headers = put("stripe", JSON.stringify(signStripe(plan, "secret", 1_000_000)));
  expect(translate("stripe", headers, put("plan", plan), ["--now", "1000000"])).toMatchObject({
    status: 0,
    value: { outcome: "ignored", type: "plan.created" },
  });
  expect(translate("stripe", headers, put("plan", plan))).toMatchObject({
    status: 1,
    value: { code: "SIGNATURE_STALE" },
  });
});

it("wrong use exits 2 with words on stderr only; list names every source", () => {
  for (const args of [
    [],
    ["nonsense"],
    ["translate", "--kind", "paytill"],
    ["translate", "--frob"],
  ]) {
    expect(run(args)).toMatchObject({
      status: 2,
      value: undefined,
      words: expect.stringContaining("usage"),
    });
  }
  expect(run(["list"]).value.map((s: { kind: string }) => s.kind)).toEqual([
    "square",
    "stripe",
    "shopify",
    "adyen",
    "toast",
    "zettle",
    "lightspeed",
    "clover",
    "sumup",
    "api",
  ]);
});
