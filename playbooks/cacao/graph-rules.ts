// Rules over the workflow as a whole: it begins, ends, goes round in no circle, and leaves no step aside.
import { entriesOf, fault, inside, type Json, type Place, textOf, warn } from "./problem.ts";
import { closingEdges, type Edge, edgesOf, reachable, stepsOf } from "./workflow-graph.ts";

const MAX_STEPS = 1_000;

export function checkGraph(playbook: Json, root: Place): void {
  const steps = stepsOf(playbook);
  if (entriesOf(playbook.workflow).length !== steps.size) return; // a member that is no step is told of by its shape
  const at = inside(root, "workflow");
  if (steps.size > MAX_STEPS) {
    fault(
      at,
      "too_many_steps",
      `There are over ${MAX_STEPS} steps. Move parts into playbooks of their own.`,
    );
    return;
  }
  hasParts(steps, at);
  for (const edge of closingEdges(steps)) {
    const cure = "Lead forward; to repeat, use a while-condition.";
    fault(
      inside(inside(at, edge.from), edge.key),
      "cycle",
      `The step leads back to ${edge.to}, a circle. ${cure}`,
    );
  }
  const starts = [playbook.workflow_start, playbook.workflow_exception].flatMap(
    (id) => textOf(id) ?? [],
  );
  const reached = reachable(steps, starts, () => true);
  for (const id of steps.keys()) {
    if (!reached.has(id))
      warn(inside(at, id), "unreachable", "No step leads here. Lead to it, or remove it.");
  }
  ownEnds(playbook, steps, at);
}

function hasParts(steps: ReadonlyMap<string, Json>, at: Place): void {
  const types = [...steps.values()].map(({ type }) => type);
  const starts = types.filter((type) => type === "start").length;
  if (starts === 0)
    fault(at, "no_start", "There is no start step. Add one and name it in workflow_start.");
  if (starts > 1) fault(at, "many_starts", "There is more than one start step. Keep one.");
  if (!types.includes("end")) fault(at, "no_end", "There is no end step. Add one and lead to it.");
  if (!types.includes("action") && !types.includes("playbook-action"))
    fault(at, "no_action", "Nothing is done. Add an action or a playbook-action.");
}

/** An end step tells the engine to return to the step that opened the branch, so two branches cannot share one. */
function ownEnds(playbook: Json, steps: ReadonlyMap<string, Json>, at: Place): void {
  const owners = new Map<string, string>();
  for (const [line, entry] of linesOf(playbook, steps)) {
    for (const id of reachable(steps, [entry], ({ isBranch }) => !isBranch)) {
      if (steps.get(id)?.type !== "end") continue;
      const owner = owners.get(id) ?? line;
      owners.set(id, owner);
      if (owner !== line)
        fault(
          inside(at, id),
          "shared_end",
          "Two branches share this end step. Give each an end step of its own.",
        );
    }
  }
}

/** Where a line of steps begins: the playbook itself, and each branch. Cases that lead to one step are one line. */
function linesOf(playbook: Json, steps: ReadonlyMap<string, Json>): Map<string, string> {
  const lines = new Map<string, string>();
  const start = textOf(playbook.workflow_start);
  if (start !== undefined) lines.set("start", start);
  const isBranch = (edge: Edge) => edge.isBranch;
  for (const [id, step] of steps)
    for (const { to } of edgesOf(id, step).filter(isBranch)) lines.set(`${id} ${to}`, to);
  return lines;
}
