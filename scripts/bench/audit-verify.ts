// How long an export of the audit log takes to verify, beside reading the same lines with JSON.parse alone.
// Prints one JSON value. `node scripts/bench/audit-verify.ts [entries]`
import { checkAuditExport } from "../../core/audit-check.ts";
import { madeChain, madeExport, madeHeads, madeSigner } from "../../core/testing/made-audit-log.ts";

const entries = Number(process.argv[2] ?? 100_000);
const rows = madeChain("mer_bench", entries);
// As many heads as a busy shop's log has: one every hundred entries.
const bytes = await madeExport([rows], madeHeads(rows, 100));

type Spent = { wall: number; cpu: number };

/** `cpu`: of this process alone, which a busy machine does not stretch. */
function measure(work: () => void): Spent {
  const started = process.hrtime.bigint();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { wall: Number(process.hrtime.bigint() - started) / 1e9, cpu: (user + system) / 1e6 };
}

function verify(): void {
  const checker = checkAuditExport({ keys: [madeSigner.publicKey] });
  for (let at = 0; at < bytes.length; at += 1_048_576) {
    checker.take(bytes.subarray(at, at + 1_048_576));
  }
  const verdict = checker.finish();
  if (!verdict.ok || verdict.entries !== entries) throw new Error("the export is not whole");
}

function parse(): void {
  for (const line of bytes.toString("utf8").split("\n")) if (line !== "") JSON.parse(line);
}

const verified: Spent[] = [];
const parsed: Spent[] = [];
for (let round = 0; round < 5; round += 1) {
  verified.push(measure(verify));
  parsed.push(measure(parse));
}
const best = (spent: readonly Spent[], of: keyof Spent) =>
  Math.min(...spent.map((each) => each[of]));
const rounded = (value: number, digits = 3) => Number(value.toFixed(digits));
console.log(
  JSON.stringify({
    entries,
    bytes: bytes.length,
    first_s: rounded(verified[0]?.wall ?? 0),
    best_s: rounded(best(verified, "wall")),
    best_cpu_s: rounded(best(verified, "cpu")),
    entries_per_second: Math.round(entries / best(verified, "wall")),
    json_parse_s: rounded(best(parsed, "wall")),
    json_parse_cpu_s: rounded(best(parsed, "cpu")),
    ratio: rounded(best(verified, "cpu") / best(parsed, "cpu"), 2),
  }),
);
