import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PostgresHandle } from "../connect/postgres.ts";
import { testPostgres } from "../connect/testing.ts";

let handle: PostgresHandle;
beforeAll(async () => {
  handle = await testPostgres();
});
afterAll(() => handle.close());

/** `table.column` and whether it may be null, as Kysely's types say. */
function declared(): string[] {
  const file = join(import.meta.dirname, "tables.ts");
  const program = ts.createProgram([file], {
    strict: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const tables = source?.statements.find(
    (each) => ts.isInterfaceDeclaration(each) && each.name.text === "Tables",
  );
  if (tables === undefined) throw new Error("tables.ts holds no interface Tables");
  const lines: string[] = [];
  for (const table of checker.getTypeAtLocation(tables).getProperties()) {
    for (const column of checker.getTypeOfSymbol(table).getProperties()) {
      lines.push(`${table.name}.${column.name}${nullable(checker, column) ? "?" : ""}`);
    }
  }
  return lines.sort();
}

/** A `ColumnType<S, I, U>` says in its select type whether it may be null. */
function nullable(checker: ts.TypeChecker, column: ts.Symbol): boolean {
  const type = checker.getTypeOfSymbol(column);
  const select = type.getProperty("__select__");
  const seen = select === undefined ? type : checker.getTypeOfSymbol(select);
  const parts = seen.isUnion() ? seen.types : [seen];
  return parts.some((part) => (part.flags & ts.TypeFlags.Null) !== 0);
}

it("Kysely's types and the migrated database name the same tables, columns and nulls", async () => {
  const { rows } = await handle.pool.query<{ line: string }>(
    `SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END AS line
     FROM information_schema.columns WHERE table_schema = 'tillwatch' AND table_name <> 'migration'`,
  );
  expect(declared()).toEqual(rows.map(({ line }) => line).sort());
});

it("every table names its merchant, unless it belongs to the service", async () => {
  const { rows } = await handle.pool.query<{ name: string }>(
    `SELECT t.table_name AS name FROM information_schema.tables t
     WHERE t.table_schema = 'tillwatch' AND t.table_name <> 'migration' AND NOT EXISTS (
       SELECT FROM information_schema.columns c
       WHERE c.table_schema = 'tillwatch' AND c.table_name = t.table_name AND c.column_name = 'merchant_id')
     ORDER BY 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual([
    "audit_head",
    "audit_signature",
    "merchant",
    "session",
    "sign_in_link",
  ]);
});
