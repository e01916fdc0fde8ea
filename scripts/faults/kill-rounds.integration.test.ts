import { expect, it } from "vitest";
import { killRounds } from "./kill-rounds.ts";

it("promise 1: kill -9 at random moments, twenty times, loses no acknowledged event and doubles no event, alert or mail", async () => {
  const report = await killRounds({ rounds: 20, seed: "ci" });
  expect(report.acknowledged).toBeGreaterThan(1_000);
  expect(report.alerts_due).toBeGreaterThan(10);
  expect(report).toMatchObject({
    rounds: 20,
    lost: 0,
    counted_twice: 0,
    alerts_missing: 0,
    alerts_doubled: 0,
    mails_doubled: 0,
    mails_missing: 0,
  });
}, 600_000);
