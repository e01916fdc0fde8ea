import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PostgresHandle } from "./postgres.ts";
import { testPostgres } from "./testing.ts";

let handle: PostgresHandle;

beforeAll(async () => {
  handle = await testPostgres();
  await handle.pool.query("CREATE SCHEMA scratch; CREATE TABLE scratch.row (n bigint, by text)");
});
afterAll(() => handle.close());

describe("one connection, many borrowers", () => {
  it("a bigint is a number", async () => {
    const { rows } = await handle.pool.query(
      "SELECT 1764031658000::bigint AS at, $1::bigint AS b",
      [5],
    );
    expect(rows).toEqual([{ at: 1764031658000, b: 5 }]);
  });
});
