// Valid is not yet runnable: what this installation would have to leave to a person, or cannot do at all.
import {
  cannotRun,
  entriesOf,
  inside,
  itemsOf,
  type Json,
  memberOf,
  type Place,
  textOf,
  warn,
} from "./problem.ts";
import { AGENT_TYPES } from "./shape-agents.ts";
import { LAYOUT_EXTENSION, RUNNABLE_COMMANDS } from "./vocabulary.ts";
import { stepsOf } from "./workflow-graph.ts";

/** `allowed`: command types that the installation's settings add to those that always run, such as `bash` and `ssh`. */
export function checkRunnable(playbook: Json, allowed: readonly string[], root: Place): void {
  const runs = [...RUNNABLE_COMMANDS, ...allowed];
  for (const [id, step] of stepsOf(playbook))
    for (const [i, command] of itemsOf(step.commands).entries())
      commandRuns(
        command,
        runs,
        inside(inside(inside(inside(root, "workflow"), id), "commands"), i),
      );
  for (const group of ["agent_definitions", "target_definitions"])
    for (const [id, agent] of entriesOf(playbook[group])) {
      const type = textOf(memberOf(agent, "type"));
      if (type !== undefined && !AGENT_TYPES.includes(type))
        cannotRun(
          inside(inside(root, group), id),
          "agent_not_runnable",
          `Nobody here stands for a ${type}. Use a known type.`,
        );
    }
  for (const [id] of entriesOf(playbook.extension_definitions))
    if (id !== LAYOUT_EXTENSION)
      warn(
        inside(inside(root, "extension_definitions"), id),
        "unknown_extension",
        "This extension is kept and shown, but not understood.",
      );
}

function commandRuns(command: unknown, runs: readonly string[], at: Place): void {
  const type = textOf(memberOf(command, "type"));
  if (type !== undefined && !runs.includes(type))
    cannotRun(at, "command_not_runnable", `${type} is not run here. ${cureFor(type)}`);
}

const cureFor = (type: string): string =>
  type === "bash" || type === "ssh"
    ? "Allow it in the settings, or let a person do it by hand."
    : "Let a person do it by hand, or use manual, http-api, openc2-http or sigma.";
