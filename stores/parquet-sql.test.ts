import { expect, it } from "vitest";
import { rowsSql } from "./parquet-sql.ts";

const COLUMNS = [
  { name: "at", type: "Nullable(DateTime64(6, 'UTC'))" },
  { name: "wall", type: "DateTime64(3)" },
  { name: "odd `name` \\", type: "String" },
  { name: "tags", type: "Array(DateTime)" },
];

it("an instant reads as ISO 8601 in UTC, a time without a zone as its wall clock, so that nobody guesses a zone", () => {
  const sql = rowsSql("/a'b", COLUMNS, "texts");
  expect(sql).toContain(
    "concat(replaceOne(toString(toDateTime64(`at`, 3, 'UTC')), ' ', 'T'), 'Z') AS `at`",
  );
  expect(sql).toContain("formatDateTime(`wall`, '%Y-%m-%d %H:%i:%S') AS `wall`");
  expect(sql).toContain("toString(`tags`) AS `tags`");
});

it("names and paths of a stranger's file cannot leave their quotes", () => {
  const sql = rowsSql("/a'b", COLUMNS, "events");
  expect(sql).toContain("`odd \\`name\\` \\\\` AS `odd \\`name\\` \\\\`");
  expect(sql).toContain("file('/a\\'b', Parquet)");
});
