// Judges a playbook: shape, then references and graph, then what runs here. Each layer reports all that it finds.

import { giveAdvice } from "./advice.ts";
import { canonicalJson, NotCanonical } from "./canonical.ts";
import { checkGraph } from "./graph-rules.ts";
import { fault, isObject, type Problem } from "./problem.ts";
import { readText } from "./read-text.ts";
import { checkReferences } from "./references.ts";
import { checkRunnable } from "./runnable.ts";
import { playbookShape } from "./shape-playbook.ts";
import { checkVariables } from "./variable-rules.ts";

/** `allowed`: command types that the installation's settings add to those that always run. */
export type ValidateOptions = { allowed?: readonly string[] };

/** In: a value as parsed, anything at all. Out: all problems, none if it is right. Never throws for bad input. */
export function validatePlaybook(
  value: unknown,
  { allowed = [] }: ValidateOptions = {},
): Problem[] {
  const root = { path: "", problems: [] as Problem[] };
  try {
    canonicalJson(value);
  } catch (error) {
    if (!(error instanceof NotCanonical)) throw error;
    fault(root, "not_canonical", `It cannot be signed: ${error.message}. Correct that value.`);
  }
  playbookShape(value, root);
  if (!isObject(value)) return root.problems;
  checkReferences(value, root);
  checkGraph(value, root);
  checkVariables(value, root);
  giveAdvice(value, root);
  checkRunnable(value, allowed, root);
  return root.problems;
}

export type LoadedPlaybook = {
  /** The value as parsed, for canonical form and signatures; undefined when it could not be read. */
  value: unknown;
  problems: Problem[];
  /** No error: it may be approved. What is not runnable is said apart. */
  isValid: boolean;
};

/** In: a file's text. Out: the playbook with all that is wrong with it. */
export function loadPlaybook(
  text: string,
  format: "json" | "yaml",
  options: ValidateOptions = {},
): LoadedPlaybook {
  const { value, problems } = readText(text, format);
  if (problems.length > 0) return { value: undefined, problems, isValid: false };
  const found = validatePlaybook(value, options);
  return { value, problems: found, isValid: found.every(({ severity }) => severity !== "error") };
}
