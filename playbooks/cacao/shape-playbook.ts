// The playbook as a whole: which properties it has, of what form, and which of them belong together.
import {
  byType,
  type Check,
  dictionaryOf,
  exactTimestamp,
  type Fields,
  filledText,
  flag,
  form,
  identifier,
  listOf,
  object,
  oneOf,
  openWord,
  text,
  timestamp,
  whole,
} from "./checks.ts";
import { isSemver, timestampMs } from "./formats.ts";
import { fault, inside, type Json, type Place, shown, textOf } from "./problem.ts";
import { agents, authentications } from "./shape-agents.ts";
import { extensions, externalReference, playbookVariables } from "./shape-common.ts";
import { workflow } from "./shape-steps.ts";
import {
  ACTIVITIES,
  PLAYBOOK_TYPES,
  SIGNATURE_ALGORITHMS,
  STEP_TYPES,
  TLP_LEVELS,
} from "./vocabulary.ts";

const percent = whole(0, 100);
const creator = identifier("identity");
const references = listOf(externalReference);
const constant = (wanted: string): Check =>
  form("bad_constant", (given) => given === wanted, `"${wanted}"`);

const SUMMARY_FLAGS = [
  "manual_playbook",
  "external_playbooks",
  "parallel_processing",
  "if_logic",
  "while_logic",
  "switch_logic",
  "temporal_logic",
  "data_markings",
  "digital_signatures",
  "countersigned_signatures",
  "extensions",
] as const;

/** `earlier` may not lie after `later`; with `strict` they may not be the same either. */
function inOrder(
  value: Json,
  at: Place,
  [earlier, later, strict]: [string, string, boolean],
): void {
  const from = timestampMs(textOf(value[earlier]) ?? "");
  const to = timestampMs(textOf(value[later]) ?? "");
  if (from === undefined || to === undefined) return;
  if (to < from || (strict && to === from))
    fault(
      inside(at, later),
      "time_order",
      `${later} is not after ${earlier}. Correct one of the two.`,
    );
}

function validity(value: Json, at: Place): void {
  if (value.revoked !== true) inOrder(value, at, ["valid_from", "valid_until", true]);
}

const MARKING: Fields = {
  type: filledText,
  id: identifier(),
  created_by: creator,
  created: exactTimestamp,
  name: text,
  description: text,
  revoked: flag,
  valid_from: timestamp,
  valid_until: timestamp,
  labels: listOf(filledText),
  external_references: references,
  marking_extensions: extensions,
};
const MARKING_NEEDS = ["type", "id", "created_by", "created"];

const marking = (fields: Fields, needed: readonly string[]) =>
  object({
    fields: { ...MARKING, ...fields },
    needed: [...MARKING_NEEDS, ...needed],
    rules: validity,
  });

const IEP: Fields = {
  name: filledText,
  version: filledText,
  start_date: timestamp,
  end_date: (value, at) => (value === null ? undefined : timestamp(value, at)),
  encrypt_in_transit: filledText,
  permitted_actions: filledText,
  attribution: filledText,
  unmodified_resale: filledText,
};

const markings = dictionaryOf(
  byType({
    "marking-tlp": marking({ tlpv2_level: oneOf(TLP_LEVELS) }, ["tlpv2_level"]),
    "marking-statement": marking({ statement: filledText }, ["statement"]),
    "marking-iep": marking(
      { ...IEP, tlp_level: filledText, affected_party_notifications: filledText },
      Object.keys(IEP),
    ),
  }),
);

const extensionDefinitions = dictionaryOf(
  object({
    fields: {
      type: constant("extension-definition"),
      name: filledText,
      description: text,
      created_by: creator,
      schema: filledText,
      version: form("bad_version", isSemver, "a version such as 1.0.0"),
      external_references: references,
    },
    needed: ["type", "name", "created_by", "schema", "version"],
  }),
);

const KEY_PLACES = ["public_key", "public_cert_chain", "cert_url", "thumbprint"];

function oneKey(value: Json, at: Place): void {
  inOrder(value, at, ["created", "modified", false]);
  validity(value, at);
  const given = KEY_PLACES.filter((name) => Object.hasOwn(value, name));
  if (given.length !== 1)
    fault(
      at,
      "signature_key",
      `A signature names its key once: exactly one of ${KEY_PLACES.join(", ")}.`,
    );
}

const signatureFields: Fields = {
  type: constant("jss"),
  id: identifier("jss"),
  created_by: creator,
  created: exactTimestamp,
  modified: exactTimestamp,
  revoked: flag,
  signee: filledText,
  valid_from: timestamp,
  valid_until: timestamp,
  related_to: identifier("playbook"),
  related_version: exactTimestamp,
  hash_algorithm: oneOf(["sha-256", "sha-512"]),
  algorithm: oneOf(SIGNATURE_ALGORITHMS),
  public_key: filledText,
  public_cert_chain: listOf(filledText),
  cert_url: filledText,
  thumbprint: filledText,
  value: form("bad_base64", (given) => /^[A-Za-z0-9_-]+$/.test(given), "base64url without padding"),
};
const SIGNATURE_NEEDS = [
  "type",
  "id",
  "created",
  "modified",
  "signee",
  "related_to",
  "related_version",
  "hash_algorithm",
  "algorithm",
  "value",
];
const signatureOf = (fields: Fields) => object({ fields, needed: SIGNATURE_NEEDS, rules: oneKey });
/** A countersignature inside a countersignature is not read further than this. */
const signature = signatureOf({
  ...signatureFields,
  signature: signatureOf({ ...signatureFields, signature: signatureOf(signatureFields) }),
});

const stepId = identifier(...STEP_TYPES);

const specVersion: Check = (value, at) => {
  if (value !== "cacao-2.0")
    fault(at, "wrong_spec_version", `${shown(value)} is not read. Write "cacao-2.0".`);
};

function together(value: Json, at: Place): void {
  inOrder(value, at, ["created", "modified", false]);
  validity(value, at);
  if (Object.hasOwn(value, "playbook_types") && !Object.hasOwn(value, "playbook_activities"))
    fault(
      inside(at, "playbook_activities"),
      "missing",
      "playbook_types needs playbook_activities. Add at least one activity.",
    );
}

export const playbookShape = object({
  fields: {
    type: constant("playbook"),
    spec_version: specVersion,
    id: identifier("playbook"),
    name: filledText,
    description: text,
    playbook_types: listOf(openWord(PLAYBOOK_TYPES, "playbook type")),
    playbook_activities: listOf(openWord(ACTIVITIES, "activity")),
    playbook_processing_summary: object({
      fields: Object.fromEntries(SUMMARY_FLAGS.map((name) => [name, flag])),
    }),
    created_by: creator,
    created: exactTimestamp,
    modified: exactTimestamp,
    revoked: flag,
    valid_from: timestamp,
    valid_until: timestamp,
    derived_from: listOf(identifier("playbook")),
    related_to: listOf(identifier("playbook")),
    priority: percent,
    severity: percent,
    impact: percent,
    industry_sectors: listOf(filledText),
    labels: listOf(filledText),
    external_references: references,
    markings: listOf(identifier()),
    playbook_variables: playbookVariables,
    workflow_start: identifier("start"),
    workflow_exception: stepId,
    workflow,
    playbook_extensions: extensions,
    authentication_info_definitions: authentications,
    agent_definitions: agents,
    target_definitions: agents,
    extension_definitions: extensionDefinitions,
    data_marking_definitions: markings,
    signatures: listOf(signature),
  },
  needed: [
    "type",
    "spec_version",
    "id",
    "name",
    "created_by",
    "created",
    "modified",
    "workflow_start",
    "workflow",
  ],
  rules: together,
});
