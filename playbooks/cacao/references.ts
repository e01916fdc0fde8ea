// Every name in a playbook must lead to something of the right kind, and stand for one thing only.
import { identifierParts } from "./formats.ts";
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
import { edgesOf, stepsOf } from "./workflow-graph.ts";

export function checkReferences(playbook: Json, root: Place): void {
  entryPoints(playbook, root);
  for (const [id, step] of stepsOf(playbook))
    stepReferences(playbook, step, inside(inside(root, "workflow"), id));
  for (const group of ["agent_definitions", "target_definitions"]) {
    for (const [id, agent] of entriesOf(playbook[group])) {
      const at = inside(inside(root, group), id);
      defined(playbook, "authentication_info_definitions", [
        memberOf(agent, "authentication_info"),
        inside(at, "authentication_info"),
      ]);
    }
  }
  for (const [i, id] of itemsOf(playbook.markings).entries())
    defined(playbook, "data_marking_definitions", [id, inside(inside(root, "markings"), i)]);
  for (const group of KEYED) keysAgree(playbook[group], inside(root, group));
  for (const [key, marking] of entriesOf(playbook.data_marking_definitions)) {
    const id = textOf(memberOf(marking, "id"));
    if (id !== undefined && id !== key)
      fault(
        inside(inside(inside(root, "data_marking_definitions"), key), "id"),
        "key_mismatch",
        `The id is not its key ${key}. Make them the same.`,
      );
  }
  signatureReferences(playbook, root);
  extensionReferences(playbook, [playbook, root]);
  identifiersOnce(playbook, root);
}

function entryPoints(playbook: Json, root: Place): void {
  const start = textOf(playbook.workflow_start);
  const steps = stepsOf(playbook);
  if (start !== undefined && !steps.has(start))
    fault(
      inside(root, "workflow_start"),
      "dangling",
      `There is no step ${start}. Name the start step.`,
    );
  else if (start !== undefined && steps.get(start)?.type !== "start")
    fault(
      inside(root, "workflow_start"),
      "wrong_kind",
      "The step is no start step. Name the start step.",
    );
  const exception = textOf(playbook.workflow_exception);
  if (exception !== undefined && !steps.has(exception))
    fault(
      inside(root, "workflow_exception"),
      "dangling",
      `There is no step ${exception}. Name a step of this workflow.`,
    );
  else if (exception !== undefined && steps.get(exception)?.type === "start")
    fault(
      inside(root, "workflow_exception"),
      "wrong_kind",
      "A start step handles no failure. Name another step.",
    );
}

function stepReferences(playbook: Json, step: Json, at: Place): void {
  for (const { key, to } of edgesOf("", step)) {
    const target = memberOf(playbook.workflow, to);
    if (target === undefined)
      fault(inside(at, key), "dangling", `There is no step ${to}. Name a step of this workflow.`);
    else if (memberOf(target, "type") === "start")
      fault(inside(at, key), "wrong_kind", "A start step follows nothing. Lead to another step.");
  }
  defined(playbook, "agent_definitions", [step.agent, inside(at, "agent")]);
  for (const [i, id] of itemsOf(step.targets).entries())
    defined(playbook, "target_definitions", [id, inside(inside(at, "targets"), i)]);
}

function defined(playbook: Json, group: string, [id, at]: [id: unknown, at: Place]): void {
  if (typeof id === "string" && memberOf(playbook[group], id) === undefined)
    fault(at, "dangling", `${id} is not defined. Add it to ${group}.`);
}

const KEYED = [
  "workflow",
  "agent_definitions",
  "target_definitions",
  "authentication_info_definitions",
  "data_marking_definitions",
  "extension_definitions",
];

/** The key is an identifier whose type is the object's own. */
function keysAgree(group: unknown, at: Place): void {
  for (const [key, value] of entriesOf(group)) {
    const parts = identifierParts(key);
    const type = textOf(memberOf(value, "type"));
    if (parts === undefined)
      fault(
        inside(at, key),
        "bad_identifier",
        `The key is no identifier. Write ${type ?? "type"}--UUID.`,
      );
    else if (type !== undefined && parts.type !== type)
      fault(
        inside(at, key),
        "key_mismatch",
        `The key says ${parts.type}, the type says ${type}. Make them the same.`,
      );
  }
}

function signatureReferences(playbook: Json, root: Place): void {
  for (const [i, signature] of itemsOf(playbook.signatures).entries()) {
    const at = inside(inside(root, "signatures"), i);
    const related = textOf(memberOf(signature, "related_to"));
    if (related !== undefined && related !== playbook.id)
      fault(
        inside(at, "related_to"),
        "wrong_signature",
        "The signature belongs to another playbook. Remove it, or sign this one.",
      );
    const version = textOf(memberOf(signature, "related_version"));
    if (version !== undefined && version !== playbook.modified)
      fault(
        inside(at, "related_version"),
        "wrong_signature",
        "The signature belongs to another version. Remove it, or sign this one.",
      );
  }
}

const EXTENSION_PLACES = [
  "playbook_extensions",
  "step_extensions",
  "agent_target_extensions",
  "authentication_info_extensions",
  "marking_extensions",
];

/** Extensions hang on the playbook and on the members of its groups. */
function extensionReferences(playbook: Json, [owner, at]: [owner: Json, at: Place]): void {
  for (const place of EXTENSION_PLACES)
    for (const [key] of entriesOf(owner[place]))
      defined(playbook, "extension_definitions", [key, inside(inside(at, place), key)]);
  if (owner !== playbook) return;
  for (const group of KEYED)
    for (const [id, member] of entriesOf(playbook[group]))
      if (isObject(member)) extensionReferences(playbook, [member, inside(inside(at, group), id)]);
}

/** One UUID stands for one type; steps carry random ones. */
function identifiersOnce(playbook: Json, root: Place): void {
  const types = new Map<string, string>();
  const look = (id: unknown, at: Place) => {
    const parts = typeof id === "string" ? identifierParts(id) : undefined;
    if (parts === undefined) return;
    const known = types.get(parts.uuid);
    types.set(parts.uuid, known ?? parts.type);
    if (known !== undefined && known !== parts.type)
      warn(at, "uuid_reused", `The UUID also stands for a ${known}. Make a new one.`);
  };
  look(playbook.id, inside(root, "id"));
  for (const group of KEYED)
    for (const [id] of entriesOf(playbook[group])) look(id, inside(inside(root, group), id));
  for (const [id] of stepsOf(playbook)) {
    const version = identifierParts(id)?.version;
    if (version !== undefined && version !== 4)
      warn(
        inside(inside(root, "workflow"), id),
        "uuid_version",
        "A step's UUID is of version 4. Make a random one.",
      );
  }
}
