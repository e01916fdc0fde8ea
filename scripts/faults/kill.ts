// Runs kill -9 rounds from the command line: `npm run faults -- --rounds 200 --seed 1`.
import { parseArgs } from "node:util";
import { readFaults } from "./faults.ts";
import { killRounds } from "./kill-rounds.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    faults: { type: "string", default: "kill" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.error(
    "Usage: npm run faults -- [--rounds 100] [--seed 1] [--faults kill,engine,disk,clock]   disk needs root on Linux. Prints a report as JSON; exit 1 when something was lost or doubled.",
  );
  process.exit(0);
}
const report = await killRounds({
  rounds: Number(values.rounds),
  seed: values.seed,
  faults: readFaults(values.faults),
  say: (line) => console.error(line),
});
console.log(JSON.stringify(report, null, 2));
const broken =
  report.lost +
  report.counted_twice +
  report.findings_doubled +
  report.alerts_missing +
  report.alerts_doubled +
  report.mails_doubled +
  report.mails_missing;
process.exit(broken === 0 ? 0 : 1);
