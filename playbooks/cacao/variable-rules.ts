// Variables: every one that is used must be declared where it can be seen, and constants stay as they are.
import { usedVariables } from "./formats.ts";
import {
  entriesOf,
  fault,
  inside,
  isObject,
  itemsOf,
  type Json,
  memberOf,
  type Place,
  textOf,
  warn,
} from "./problem.ts";
import { stepsOf } from "./workflow-graph.ts";

type Scope = ReadonlyMap<string, unknown>;

export function checkVariables(playbook: Json, root: Place): void {
  const everywhere: Scope = new Map(entriesOf(playbook.playbook_variables));
  const seenBy = new Map<string, Scope>();
  for (const [id, step] of stepsOf(playbook)) {
    const at = inside(inside(root, "workflow"), id);
    const scope = stepScope(step, everywhere, at);
    // Agents and targets see the variables of each step that names them.
    for (const used of [step.agent, ...itemsOf(step.targets)])
      if (typeof used === "string")
        seenBy.set(used, new Map([...(seenBy.get(used) ?? everywhere), ...scope]));
    const { step_variables: _declared, step_extensions: _ours, ...rest } = step;
    uses(rest, scope, at);
    argumentsOf(step, scope, at);
  }
  const all = scopeOfAll(seenBy, everywhere);
  const scopes: [group: string, scopeOf: (id: string) => Scope][] = [
    ["agent_definitions", (id) => seenBy.get(id) ?? everywhere],
    ["target_definitions", (id) => seenBy.get(id) ?? everywhere],
    ["authentication_info_definitions", () => all],
  ];
  for (const [group, scopeOf] of scopes)
    for (const [id, member] of entriesOf(playbook[group]))
      uses(member, scopeOf(id), inside(inside(root, group), id));
}

function stepScope(step: Json, everywhere: Scope, at: Place): Scope {
  const own = entriesOf(step.step_variables);
  for (const [name] of own)
    if (everywhere.has(name))
      warn(
        inside(inside(at, "step_variables"), name),
        "hides_variable",
        "It hides the playbook's variable of that name. Rename one.",
      );
  return new Map([...everywhere, ...own]);
}

/** An authentication object is used through agents, so it sees what any of them sees. */
function scopeOfAll(seenBy: ReadonlyMap<string, Scope>, everywhere: Scope): Scope {
  return new Map([...everywhere, ...[...seenBy.values()].flatMap((scope) => [...scope])]);
}

/** Texts anywhere below, also such as are written in base64. */
function uses(value: unknown, scope: Scope, at: Place): void {
  if (typeof value === "string") {
    for (const name of new Set(usedVariables(at.path.endsWith("_b64") ? decoded(value) : value)))
      if (!scope.has(name)) undeclared(name, at);
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) uses(item, scope, inside(at, i));
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) uses(item, scope, inside(at, key));
  }
}

const decoded = (text: string) => Buffer.from(text, "base64").toString("utf8");

function undeclared(name: string, at: Place): void {
  fault(
    at,
    "undeclared_variable",
    `The variable ${name} is not declared. Add it to playbook_variables or step_variables.`,
  );
}

function argumentsOf(step: Json, scope: Scope, at: Place): void {
  for (const list of ["in_args", "out_args"]) {
    for (const [i, given] of itemsOf(step[list]).entries()) {
      const name = (textOf(given) ?? "").replace(/:value$/, "");
      const place = inside(inside(at, list), i);
      if (name !== "" && name === given && !scope.has(name)) undeclared(name, place);
      if (list === "out_args" && memberOf(scope.get(name), "constant") === true)
        fault(
          place,
          "writes_constant",
          `${name} is constant and cannot be written. Take it out, or declare it without constant.`,
        );
    }
  }
}
