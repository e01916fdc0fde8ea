// `rules -- explain`: why an event of a file does or does not count for a rule, and what would have kept a finding silent.
import type { Event } from "../../core/event.ts";
import { isCurrency } from "../../core/money.ts";
import {
  type Counterfactual,
  counterfactual,
  findingsOf,
} from "../../detectors/engine/explain/counterfactual.ts";
import { whyEvent } from "../../detectors/engine/explain/why.ts";
import { changeSentences, whyText } from "../../detectors/engine/explain/words.ts";
import { didYouMean } from "../../detectors/engine/read/fault.ts";
import { loadRules } from "../../detectors/engine/read/load.ts";
import { readEventsFile } from "./run.ts";
import {
  type Flags,
  filesOf,
  neededFlag,
  print,
  textFlag,
  type Verb,
  WrongUse,
  withShared,
} from "./verb.ts";

export const explain: Verb = {
  usage:
    "explain --events FILE --rule NAME (--event ID | --line N)   why an event counts or not, leaf by leaf; if the rule\n" +
    "                                    fires there, what made it and the smallest change that keeps it silent; --rules DIR",
  options: {
    rule: { type: "string", multiple: true },
    event: { type: "string" },
    line: { type: "string" },
    currency: { type: "string" },
  },
  run(_, flags) {
    const currency = textFlag(flags, "currency") ?? "EUR";
    if (!isCurrency(currency)) throw new WrongUse(`"${currency}" is not a currency code.`);
    const rules = textFlag(flags, "rules");
    const ruleset = loadRules(withShared(filesOf(rules === undefined ? [] : [rules])));
    const [name = ""] = Array.isArray(flags.rule) ? flags.rule.map(String) : [];
    if (!ruleset.plans.has(name)) {
      throw new WrongUse(
        `--rule names no rule: "${name}".${didYouMean(name, ruleset.plans.keys())}`,
      );
    }
    const events = readEventsFile(neededFlag(flags, "events"));
    const event = pick(events, flags);
    const why = whyEvent(ruleset, name, event, { currency });
    const settings = { merchantId: "m1", currency };
    const isRule = ruleset.rules.some((rule) => rule.name === name);
    const finding = isRule
      ? findingsOf(ruleset, name, events, settings).find(
          (one) =>
            one.ts === event.ts && one.evidence.some(({ event_id }) => event_id === event.event_id),
        )
      : undefined;
    const change =
      finding === undefined ? undefined : counterfactual(ruleset, finding, events, settings);
    if (flags.json) print({ why, finding: finding ?? null, counterfactual: change ?? null });
    else
      console.log(
        [
          whyText(why),
          ...(change === undefined ? ["It does not fire here."] : changeLines(change)),
        ].join("\n"),
      );
    return 0;
  },
};

function pick(events: readonly Event[], flags: Flags): Event {
  const [id, line] = [textFlag(flags, "event"), textFlag(flags, "line")];
  if ((id === undefined) === (line === undefined)) {
    throw new WrongUse("Name the event by --event ID or by --line N.");
  }
  const event =
    id === undefined ? events[Number(line) - 1] : events.find(({ event_id }) => event_id === id);
  if (event === undefined) throw new WrongUse("There is no such event in the file.");
  return event;
}

function changeLines(of: Counterfactual): string[] {
  const lines = [
    `It fires here, with ${of.events.length} event${of.events.length === 1 ? "" : "s"} in the window:`,
    ...of.events
      .slice(-20)
      .map(({ ts, event_id }) => `  ${new Date(ts).toISOString()} ${event_id}`),
  ];
  if (of.value !== null)
    lines.push(`Measured ${of.value}; the rule asks for ${of.threshold ?? "a condition"}.`);
  return [...lines, ...changeSentences(of)];
}
