// `rules -- check`: every mistake in rule files, with line and column.
import { faultText } from "../../detectors/engine/read/fault.ts";
import { checkRules } from "../../detectors/engine/read/load.ts";
import { filesOf, print, say, type Verb, withShared } from "./verb.ts";

export const check: Verb = {
  usage:
    "check [FILES…]                    reads rule files and tells every mistake with line and column",
  run(paths, { json }) {
    const files = withShared(filesOf(paths));
    const { ruleset, faults, advice } = checkRules(files);
    if (json) print({ ok: faults.length === 0, rules: ruleset.rules.length, faults, advice });
    else if (faults.length > 0) say(faults.map(faultText).join("\n"));
    else say(`${ruleset.rules.length} rules in ${files.length} files: no mistake.`);
    if (!json) for (const one of advice) say(`advice: ${faultText(one)}`);
    return faults.length === 0 ? 0 : 1;
  },
};
