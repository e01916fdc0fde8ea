// `rules -- list`: what Tillwatch comes with.
import { describeRules, readRuleFiles } from "../../detectors/catalogue.ts";
import { loadRules } from "../../detectors/engine/read/load.ts";
import { print, say, type Verb } from "./verb.ts";

export const list: Verb = {
  usage: "list                              the rules that Tillwatch comes with",
  run(_, { json }) {
    const rules = describeRules(loadRules(readRuleFiles()));
    if (json) print(rules);
    for (const { rule, level, title } of json ? [] : rules) say(`${rule} (${level}): ${title}`);
    return 0;
  },
};
