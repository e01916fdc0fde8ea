// A workflow as a graph: who leads where, by which edge. Reads whatever is there, right or wrong.
import { entriesOf, isObject, itemsOf, type Json, memberOf } from "./problem.ts";

/** `key` is the place in the step, as in `on_success` or `cases.red`; a branch comes back to the step that opened it. */
export type Edge = { from: string; key: string; to: string; isBranch: boolean };

const SUCCESSORS = ["on_completion", "on_success", "on_failure"];
const BRANCHES = ["on_true", "on_false"];

export function stepsOf(playbook: Json): Map<string, Json> {
  const steps = new Map<string, Json>();
  for (const [id, step] of entriesOf(playbook.workflow)) if (isObject(step)) steps.set(id, step);
  return steps;
}

export function edgesOf(from: string, step: Json): Edge[] {
  const edges: Edge[] = [];
  const add = (key: string, to: unknown, isBranch: boolean) => {
    if (typeof to === "string") edges.push({ from, key, to, isBranch });
  };
  for (const key of SUCCESSORS) add(key, memberOf(step, key), false);
  for (const key of BRANCHES) add(key, memberOf(step, key), true);
  for (const [i, to] of itemsOf(step.next_steps).entries()) add(`next_steps[${i}]`, to, true);
  for (const [value, to] of entriesOf(step.cases)) add(`cases.${value}`, to, true);
  return edges;
}

/** Steps that can be reached from the given ones over edges that `follows` takes. */
export function reachable(
  steps: ReadonlyMap<string, Json>,
  from: readonly string[],
  follows: (edge: Edge) => boolean,
): Set<string> {
  const seen = new Set(from.filter((id) => steps.has(id)));
  for (const id of seen) {
    for (const edge of edgesOf(id, steps.get(id) ?? {})) {
      if (follows(edge) && steps.has(edge.to)) seen.add(edge.to); // a set goes on over what is added
    }
  }
  return seen;
}

/** The edges that close a circle, each once. No recursion: a workflow may be as long as its writer likes. */
export function closingEdges(steps: ReadonlyMap<string, Json>): Edge[] {
  const closing: Edge[] = [];
  const state = new Map<string, "open" | "done">();
  const path: { id: string; edges: Edge[] }[] = [];
  const open = (id: string) => {
    const step = steps.get(id);
    if (step === undefined || state.has(id)) return;
    state.set(id, "open");
    path.push({ id, edges: edgesOf(id, step) });
  };
  for (const root of steps.keys()) {
    open(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = top.edges.shift();
      if (edge === undefined) {
        state.set(top.id, "done");
        path.pop();
      } else if (state.get(edge.to) === "open") closing.push(edge);
      else open(edge.to);
    }
  }
  return closing;
}
