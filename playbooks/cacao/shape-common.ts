// Objects that stand inside several others: references, variables, extensions.
import {
  type Check,
  dictionaryOf,
  type Fields,
  filledText,
  flag,
  object,
  openWord,
  text,
} from "./checks.ts";
import { identifierParts, isExtensionProperty, isVariableName } from "./formats.ts";
import { fault, inside, isObject, shown, warn } from "./problem.ts";
import { VARIABLE_TYPES } from "./vocabulary.ts";

const REFERENCE_PARTS = ["description", "source", "url", "external_id", "reference_id"];

export const externalReference = object({
  fields: {
    name: filledText,
    description: text,
    source: text,
    url: filledText,
    external_id: text,
    reference_id: filledText,
  },
  needed: ["name"],
  rules(value, at) {
    if (!REFERENCE_PARTS.some((part) => Object.hasOwn(value, part)))
      fault(at, "missing", `A reference needs one of ${REFERENCE_PARTS.join(", ")}. Add one.`);
  },
});

const variableValue: Check = (value, at) => {
  if (value !== null && typeof value !== "string")
    fault(at, "wrong_type", `The value ${shown(value)} must be a text. Put it in quotes.`);
};

const VARIABLE: Fields = {
  type: openWord(VARIABLE_TYPES, "variable type"),
  description: text,
  value: variableValue,
  constant: flag,
  external: flag,
};

const VALUE_FORMS: Readonly<Record<string, RegExp>> = {
  bool: /^(true|false)$/,
  integer: /^[+-]?\d+$/,
  long: /^[+-]?\d+$/,
  float: /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/,
  hexstring: /^([0-9a-fA-F]{2})+$/,
  "md5-hash": /^[0-9a-fA-F]{32}$/,
  "sha256-hash": /^[0-9a-fA-F]{64}$/,
};

const variable = (isStepVariable: boolean) =>
  object({
    fields: VARIABLE,
    needed: ["type"],
    rules(value, at) {
      if (isStepVariable && value.external === true) {
        const cure = "Declare it in playbook_variables.";
        fault(
          inside(at, "external"),
          "external_in_step",
          `Only a playbook's variable comes from outside. ${cure}`,
        );
      }
      const form = typeof value.type === "string" && Object.hasOwn(VALUE_FORMS, value.type);
      const wanted = form ? VALUE_FORMS[value.type as string] : undefined;
      if (
        typeof value.value === "string" &&
        value.value !== "" &&
        wanted?.test(value.value) === false
      )
        warn(
          inside(at, "value"),
          "odd_value",
          `${shown(value.value)} is no ${value.type}. Change value or type.`,
        );
    },
  });

const NAME_FORM = "two underscores, a letter, then letters, digits, _ or -, and two underscores";
export const playbookVariables = dictionaryOf(variable(false), isVariableName, NAME_FORM);
export const stepVariables = dictionaryOf(variable(true), isVariableName, NAME_FORM);

const isExtensionKey = (key: string) => identifierParts(key)?.type === "extension-definition";

/** What hangs at one of the five places; its content is known to whoever defined the extension. */
export const extensions = dictionaryOf(
  (value, at) => {
    if (!isObject(value))
      fault(at, "wrong_type", `${shown(value)} stands where an object must be.`);
    else
      for (const name of Object.keys(value))
        if (!isExtensionProperty(name))
          fault(
            inside(at, name),
            "bad_name",
            `The name ${shown(name)} is not right. Use 3 to 250 of a-z, 0-9 and _.`,
          );
  },
  isExtensionKey,
  "extension-definition-- and a UUID",
);
