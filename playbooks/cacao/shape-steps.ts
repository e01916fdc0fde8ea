// The steps of a workflow, one shape a type, and the rule on successors.
import {
  byType,
  type Check,
  dictionaryOf,
  type Fields,
  filledText,
  identifier,
  listOf,
  milliseconds,
  object,
  text,
  timestamp,
} from "./checks.ts";
import { parseCondition } from "./condition.ts";
import { isVariableName, isVariableUse } from "./formats.ts";
import { fault, inside, type Json, type Place, shown } from "./problem.ts";
import { command } from "./shape-commands.ts";
import { extensions, externalReference, stepVariables } from "./shape-common.ts";
import { STEP_TYPES, type StepType } from "./vocabulary.ts";

const stepId = identifier(...STEP_TYPES);

const COMMON: Fields = {
  type: filledText,
  name: filledText,
  description: text,
  external_references: listOf(externalReference),
  delay: milliseconds,
  timeout: milliseconds,
  step_variables: stepVariables,
  owner: identifier("identity"),
  step_extensions: extensions,
};

const SUCCESSORS: Fields = { on_completion: stepId, on_success: stepId, on_failure: stepId };

const variableName: Check = (value, at) => {
  if (typeof value !== "string" || !(isVariableName(value) || isVariableUse(value)))
    fault(at, "bad_name", `${shown(value)} is no variable. Write its name, such as __terminal__.`);
};

const ARGUMENTS: Fields = { in_args: listOf(variableName), out_args: listOf(variableName) };

const condition: Check = (value, at) => {
  if (typeof value !== "string") return text(value, at);
  const parsed = parseCondition(value);
  if (!parsed.ok) fault(at, "bad_condition", parsed.message);
};

const switchVariable: Check = (value, at) => {
  if (typeof value !== "string" || !isVariableUse(value))
    fault(
      at,
      "bad_switch",
      `${shown(value)} is not right here. Write one variable, such as __kind__:value.`,
    );
};

function needsSuccessor(value: Json, at: Place): void {
  const has = (name: string) => Object.hasOwn(value, name);
  if (has("on_completion") && (has("on_success") || has("on_failure")))
    fault(
      at,
      "double_successor",
      "on_completion excludes on_success and on_failure. Keep one or the others.",
    );
  if (!has("on_completion") && !has("on_success"))
    fault(at, "missing_successor", "The step leads nowhere. Add on_completion, or on_success.");
}

const forbidden =
  (type: StepType): Check =>
  (_value, at) =>
    fault(at, "forbidden_successor", `A step of type ${type} has no such successor. Remove it.`);

function step(
  fields: Fields,
  needed: readonly string[] = [],
  rules: (value: Json, at: Place) => void = () => {},
) {
  return object({
    fields: { ...COMMON, ...SUCCESSORS, ...fields },
    needed: ["type", ...needed],
    rules(value, at) {
      needsSuccessor(value, at);
      rules(value, at);
    },
  });
}

function distinctBranches({ next_steps }: Json, at: Place): void {
  if (Array.isArray(next_steps) && new Set(next_steps).size < next_steps.length)
    fault(inside(at, "next_steps"), "same_branch", "A branch stands twice. Name each step once.");
}

function hasCases({ cases }: Json, at: Place): void {
  if (typeof cases === "object" && cases !== null && Object.keys(cases).length === 0)
    fault(inside(at, "cases"), "too_few", "There is no case. Add at least one.");
}

const SHAPES = {
  start: step({ on_success: forbidden("start"), on_failure: forbidden("start") }),
  end: object({
    fields: {
      ...COMMON,
      on_completion: forbidden("end"),
      on_success: forbidden("end"),
      on_failure: forbidden("end"),
    },
    needed: ["type"],
  }),
  action: step(
    { commands: listOf(command), agent: identifier(), targets: listOf(identifier()), ...ARGUMENTS },
    ["commands", "agent"],
  ),
  "playbook-action": step(
    { playbook_id: identifier("playbook"), playbook_version: timestamp, ...ARGUMENTS },
    ["playbook_id"],
  ),
  parallel: step({ next_steps: listOf(stepId, 2) }, ["next_steps"], distinctBranches),
  "if-condition": step({ condition, on_true: stepId, on_false: stepId }, ["condition", "on_true"]),
  "while-condition": step({ condition, on_true: stepId }, ["condition", "on_true"]),
  "switch-condition": step(
    { switch: switchVariable, cases: dictionaryOf(stepId, (key) => key !== "", "a value") },
    ["switch", "cases"],
    hasCases,
  ),
} satisfies Record<StepType, Check>;

const workflowStep: Check = byType(SHAPES);
export const workflow = dictionaryOf(workflowStep);
