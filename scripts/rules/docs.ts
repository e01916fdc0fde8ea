// `rules -- docs`: the page of each detection in the given files, as Markdown.
import { loadRules } from "../../detectors/engine/read/load.ts";
import { detectionPage } from "../docs/rule-pages.ts";
import { filesOf, type Verb, withShared } from "./verb.ts";

export const docs: Verb = {
  usage:
    "docs [FILES…]                         a page per detection: what it looks for, its numbers, what to do, its cases",
  run(paths) {
    const ruleset = loadRules(withShared(filesOf(paths)));
    const detections = new Set(ruleset.rules.map(({ detection }) => detection));
    for (const detection of detections) console.log(detectionPage(ruleset, detection));
    return 0;
  },
};
