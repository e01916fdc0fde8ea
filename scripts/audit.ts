// The command line that checks an export of the audit log, on any machine: it opens no store and no network.
import { accessSync, constants, createReadStream } from "node:fs";
import { parseArgs } from "node:util";
import { type AuditVerdict, checkAuditExport, type Expected } from "../core/audit-check.ts";

const HELP = `Usage: npm run --silent audit -- verify FILE [--key PUBLIC_KEY]… [--anchor HASH]… [--json]
  FILE          an export: GET /v1/audit/export, or npm run --silent admin -- audit export
  --key         the key that must have signed it, as npm run --silent admin -- audit key prints it; several after
                a change of key
  --anchor      a hash that was kept elsewhere and must be in the file
  --json        one JSON value on standard output
Exit: 0 whole, 1 broken (the first fault is named), 2 wrong use.`;

const HEX = /^[0-9a-f]{64}$/;

class WrongUse extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [verb, path, more] = positionals;
  if (verb !== "verify") throw new WrongUse("Say what to do: verify FILE.");
  if (path === undefined || more !== undefined) throw new WrongUse("Name one file.");
  for (const [name, texts] of [["key", values.key] as const, ["anchor", values.anchor] as const]) {
    if (!texts.every((text) => HEX.test(text))) throw new WrongUse(`--${name}: 64 hex digits`);
  }
  const verdict = await verify(path, { keys: values.key, anchors: values.anchor });
  console.log(values.json ? JSON.stringify(verdict) : inWords(verdict));
  return verdict.ok ? 0 : 1;
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      key: { type: "string", multiple: true, default: [] },
      anchor: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
}

async function verify(path: string, expected: Expected): Promise<AuditVerdict> {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new WrongUse(`"${path}" cannot be read.`);
  }
  const checker = checkAuditExport(expected);
  const bytes: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 1_048_576 });
  for await (const piece of bytes) checker.take(piece);
  return checker.finish();
}

function inWords(verdict: AuditVerdict): string {
  if (!verdict.ok) {
    const { line, chain, seq, why } = verdict;
    const entry = chain === undefined ? "" : `, entry ${seq} of ${chain}`;
    return `BROKEN at line ${line}${entry}: ${why}`;
  }
  const chains = verdict.chains.map(
    ({ chain, entries, hash }) => `  ${chain}: entries ${entries}, last hash ${hash}`,
  );
  const key = verdict.key_compared
    ? `signed with the key that you gave, ${verdict.public_key}`
    : `signed with ${verdict.public_key}: compare it with what \`admin -- audit key\` printed, or give it with --key`;
  const made = new Date(verdict.made_at).toISOString();
  return [
    `whole: entries ${verdict.entries}, signed heads ${verdict.heads}, exported ${made}`,
    ...chains,
    key,
  ].join("\n");
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (fault) {
  const code = (fault as { code?: string }).code;
  if (!(fault instanceof WrongUse || code?.startsWith("ERR_PARSE_ARGS"))) throw fault;
  console.error(`${(fault as Error).message}\n\n${HELP}`);
  process.exitCode = 2;
}
