// A disk that is really full: a small file system of its own, which only root on Linux can make.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { readConfig } from "../../core/config.ts";
import { silentLog } from "../../core/log.ts";
import { openClickHouse } from "../../stores/connect/clickhouse.ts";
import { admin, freePort, type RunningService, startRunningService } from "./running-service.ts";

const mayMount = process.platform === "linux" && process.getuid?.() === 0 && mounts();
let folder: string | undefined;
let service: RunningService | undefined;

function mounts(): boolean {
  const probe = mkdtempSync(join(tmpdir(), "tillwatch-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe], { stdio: "ignore" });
    execFileSync("umount", [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

function fill(path: string): void {
  const megabyte = Buffer.alloc(1_048_576);
  try {
    for (;;) writeFileSync(path, megabyte, { flag: "a" });
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== "ENOSPC") throw fault;
  }
}

afterEach(async () => {
  await service?.stop();
  if (folder === undefined) return;
  execFileSync("umount", ["-l", folder]);
  rmSync(folder, { recursive: true, force: true });
});

it.skipIf(!mayMount)(
  "promise 1: a full disk takes nothing, says 503, and goes on by itself when there is room",
  async () => {
    folder = mkdtempSync(join(tmpdir(), "tillwatch-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=500m", "tmpfs", folder]);
    const dataDir = join(folder, "data");
    const options = { dataDir, port: await freePort(), env: { TILLWATCH_SPOOL_RESERVE_MB: "8" } };
    const { api_key: key, merchant_id: merchantId } = await admin(
      options,
      "merchant",
      "create",
      "--name",
      "Full",
    );
    const running = await startRunningService(options);
    service = running;
    const acknowledged = new Set<string>();
    let made = 0;
    async function post(): Promise<number> {
      const events = Array.from({ length: 20 }, () => ({
        event_id: `full-${made++}`,
        event_type: "sale",
        ts: Date.now(),
        amount: 5,
        currency: "EUR",
      }));
      const response = await fetch(`${running.url}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(events),
      });
      const answer = (await response.json()) as {
        outcomes?: { event_id: string }[];
        error?: { code: string };
      };
      if (response.status === 503) expect(answer.error?.code).toBe("SPOOL_UNAVAILABLE");
      for (const { event_id } of answer.outcomes ?? []) acknowledged.add(event_id);
      return response.status;
    }

    expect(await post()).toBe(200);
    fill(join(folder, "filling"));
    expect(await post()).toBe(503);
    expect(await post()).toBe(503);
    rmSync(join(folder, "filling"));
    const deadline = Date.now() + 30_000;
    while ((await post()) !== 200) {
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(await running.stop()).toBe(0);

    const ch = await openClickHouse(
      readConfig({ TILLWATCH_DATA: dataDir }, () => ""),
      silentLog,
    );
    try {
      const rows = await ch.query<{ event_id: string; times: string }>(
        String(merchantId),
        "SELECT event_id, toString(count()) AS times FROM events GROUP BY event_id",
      );
      const stored = new Map(rows.map((row) => [row.event_id, row.times]));
      expect(acknowledged.size).toBeGreaterThanOrEqual(40);
      expect(
        [...acknowledged].map((id) => stored.get(id) ?? "0").filter((times) => times !== "1"),
      ).toEqual([]);
    } finally {
      await ch.close();
    }
  },
);
