// What is allowed but unwise: claims that the playbook does not keep, references that are hidden inside.
import { canonicalJson, NotCanonical } from "./canonical.ts";
import {
  entriesOf,
  inside,
  isObject,
  itemsOf,
  type Json,
  memberOf,
  type Place,
  warn,
} from "./problem.ts";
import { stepsOf } from "./workflow-graph.ts";

export function giveAdvice(playbook: Json, root: Place): void {
  activitiesAreCarried(playbook, root);
  referencesAreRepeated(playbook, root);
  summaryIsTrue(playbook, root);
}

const commandsOf = (playbook: Json): unknown[] =>
  [...stepsOf(playbook).values()].flatMap(({ commands }) => itemsOf(commands));

function activitiesAreCarried(playbook: Json, root: Place): void {
  const carried = new Set(
    commandsOf(playbook).map((command) => memberOf(command, "playbook_activity")),
  );
  for (const [i, activity] of itemsOf(playbook.playbook_activities).entries())
    if (typeof activity === "string" && !carried.has(activity))
      warn(
        inside(inside(root, "playbook_activities"), i),
        "activity_not_carried",
        `No command carries ${activity}. Give one this playbook_activity.`,
      );
}

function referencesAreRepeated(playbook: Json, root: Place): void {
  const top = new Set(itemsOf(playbook.external_references).map(writing));
  for (const [id, step] of stepsOf(playbook)) {
    const at = inside(inside(root, "workflow"), id);
    const inner = [
      ...itemsOf(step.external_references),
      ...itemsOf(step.commands).flatMap((c) => itemsOf(memberOf(c, "external_references"))),
    ];
    if (inner.some((reference) => !top.has(writing(reference))))
      warn(
        at,
        "reference_not_repeated",
        "A reference of this step is not among the playbook's. Repeat it in external_references.",
      );
  }
}

function writing(value: unknown): string {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof NotCanonical) return "";
    throw error;
  }
}

/** What the processing summary should say. `manual_playbook` is left out: its meaning is not settled. */
function trueSummary(playbook: Json): Record<string, boolean> {
  const steps = [...stepsOf(playbook).values()];
  const has = (type: string) => steps.some((step) => step.type === type);
  const signatures = itemsOf(playbook.signatures);
  const groups = [
    "workflow",
    "agent_definitions",
    "target_definitions",
    "authentication_info_definitions",
    "data_marking_definitions",
  ];
  const owners = [
    playbook,
    ...groups.flatMap((group) => entriesOf(playbook[group]).map(([, member]) => member)),
  ];
  return {
    external_playbooks: has("playbook-action"),
    parallel_processing: has("parallel"),
    if_logic: has("if-condition"),
    while_logic: has("while-condition"),
    switch_logic: has("switch-condition"),
    temporal_logic: steps.some(
      (step) => Object.hasOwn(step, "delay") || Object.hasOwn(step, "timeout"),
    ),
    data_markings: itemsOf(playbook.markings).length > 0,
    digital_signatures: signatures.length > 0,
    countersigned_signatures: signatures.some(
      (signature) => memberOf(signature, "signature") !== undefined,
    ),
    extensions: owners.some(
      (owner) => isObject(owner) && Object.keys(owner).some((key) => key.endsWith("_extensions")),
    ),
  };
}

function summaryIsTrue(playbook: Json, root: Place): void {
  const truth = trueSummary(playbook);
  const at = inside(root, "playbook_processing_summary");
  for (const [name, claimed] of entriesOf(playbook.playbook_processing_summary))
    if (Object.hasOwn(truth, name) && typeof claimed === "boolean" && truth[name] !== claimed)
      warn(
        inside(at, name),
        "summary_wrong",
        `The playbook says ${claimed}, its content says ${truth[name]}. Correct it.`,
      );
}
