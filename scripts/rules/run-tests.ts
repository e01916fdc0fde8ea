// `rules -- test`: runs the tests that stand inside rule files.
import { runRuleTests } from "../../detectors/engine/proof/run-rule-tests.ts";
import { loadRules } from "../../detectors/engine/read/load.ts";
import { filesOf, print, say, type Verb, withShared } from "./verb.ts";

export const runTests: Verb = {
  usage: "test [FILES…]                     runs the tests inside the files",
  run(paths, { json }) {
    const results = runRuleTests(loadRules(withShared(filesOf(paths))));
    const failed = results.filter(({ faults }) => faults.length > 0);
    if (json) print({ ok: failed.length === 0, tests: results.length, failed });
    for (const { rule, test: name, faults } of json ? [] : failed) {
      say(`${rule}: ${name}\n  ${faults.join("\n  ")}`);
    }
    if (!json) say(`${results.length - failed.length} of ${results.length} tests passed.`);
    return failed.length === 0 ? 0 : 1;
  },
};
