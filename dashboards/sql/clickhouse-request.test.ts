import { expect, it } from "vitest";
import { MOST_SQL } from "../../stores/sql/analyst-sql.ts";
import { keyOf, readClickHouseRequest } from "./clickhouse-request.ts";

const read = (query: string, headers: Record<string, string> = {}, body = "") =>
  readClickHouseRequest(new URLSearchParams(query), headers, body);
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

it("reads what a client sends", () => {
  const asked = read(
    "query=SELECT+1&default_format=JSON&param_a=it%5C's%5Cn&param_n=%5CN&max_result_rows=5&max_execution_time=9999&database=default&query_id=q-1&enable_http_compression=1",
    { "accept-encoding": "gzip, br" },
    "-- more",
  );
  expect(asked).toEqual({
    sql: "SELECT 1\n-- more",
    format: "JSON",
    params: { a: "it's\n", n: null },
    limits: { ...MOST_SQL, rows: 5 },
    quotes64: false,
    queryId: "q-1",
    zips: true,
  });
  expect(read("", { "x-clickhouse-format": "CSV" }, "SELECT 1")).toMatchObject({
    format: "CSV",
    sql: "SELECT 1",
    zips: false,
  });
});

it("no bound means ours", () => {
  expect(read("max_execution_time=0&max_memory_usage=99999999999").limits).toEqual(MOST_SQL);
});

it.each([
  ["database=system", "one database"],
  ["user=a", "addresses are logged"],
  ["password=a", "addresses are logged"],
  ["compress=1", "LZ4"],
  ["log_comment=*", "not taken"],
  ["constructor=1", "not taken"],
  ["__proto__=1", "not taken"],
  ["max_result_rows=1,readonly=0", "whole number"],
])("%s is refused", (query, words) => {
  expect(() => read(query)).toThrow(words);
});

it.each([
  [{ authorization: basic("grafana:tw_k") }, "tw_k"],
  [{ authorization: basic("a:b:c") }, "b:c"],
  [{ authorization: "Bearer tw_k" }, "tw_k"],
  [{ "x-clickhouse-user": "a", "x-clickhouse-key": "tw_k" }, "tw_k"],
  [{ authorization: "Digest x" }, undefined],
  [{ authorization: "Basic" }, undefined],
  [{ authorization: basic("nothing") }, undefined],
  [{}, undefined],
])("%j names the key %s", (headers, key) => {
  expect(keyOf(headers)).toBe(key);
});
