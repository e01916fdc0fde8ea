import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentLog } from "../../core/log.ts";
import { handleOfPglite, openPostgres, type PostgresHandle } from "./postgres.ts";
import { testSnapshot } from "./testing.ts";
import { COPY_FILE, startUpkeep, upkeep } from "./upkeep.ts";

const folder = mkdtempSync(join(tmpdir(), "tillwatch-upkeep-"));
let handle: PostgresHandle;

beforeAll(async () => {
  handle = await handleOfPglite(
    await PGlite.create({ loadDataDir: await testSnapshot() }),
    silentLog,
  );
  await handle.pool.query(
    "CREATE SCHEMA s; CREATE TABLE s.row (n int); INSERT INTO s.row SELECT generate_series(1, 1000)",
  );
});
afterAll(async () => {
  await handle.close();
  rmSync(folder, { recursive: true });
});

it("the copy, unpacked, opens with everything that was committed and nothing that was not", async () => {
  const open = handle.db.transaction().execute(async (trx) => {
    await trx
      .insertInto("sign_in_link")
      .values({
        hash: "a".repeat(64),
        account_id: "x",
        created_at: 1,
        expires_at: 2,
        spent_at: null,
      })
      .execute();
    await new Promise((go) => setTimeout(go, 50));
    throw new Error("undo");
  });
  await Promise.allSettled([open, upkeep(handle, folder)]);
  expect(statSync(join(folder, COPY_FILE)).mode & 0o777).toBe(0o600);

  const restored = join(folder, "restored");
  mkdirSync(join(restored, "postgres"), { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, COPY_FILE), "-C", join(restored, "postgres")]);
  const again = await openPostgres(
    { postgres: { kind: "embedded" }, dataDir: restored },
    silentLog,
  );
  const { rows } = await again.pool.query(
    "SELECT (SELECT count(*) FROM s.row) AS rows, (SELECT count(*) FROM tillwatch.sign_in_link) AS links",
  );
  await again.close();
  expect(rows).toEqual([{ rows: 1000, links: 0 }]);
});

it("runs again and again until it is closed, and a folder that cannot be written does not end it", async () => {
  const gone = join(folder, "gone");
  const faults: string[] = [];
  const log = { ...silentLog, warn: (_fields: object, sentence: string) => faults.push(sentence) };
  const running = startUpkeep(handle, { dataDir: gone, log, everyMs: 200 });
  while (faults.length === 0) await new Promise((go) => setTimeout(go, 20));
  mkdirSync(gone);
  while (!existsSync(join(gone, COPY_FILE))) await new Promise((go) => setTimeout(go, 20));
  await running.close();
  expect(faults[0]).toBe("hourly upkeep failed");
});
