// The commands of an action step, one shape a type.
import {
  base64,
  byType,
  dictionaryOf,
  type Fields,
  filledText,
  form,
  listOf,
  object,
  openWord,
  text,
} from "./checks.ts";
import { fault, type Json, type Place } from "./problem.ts";
import { externalReference } from "./shape-common.ts";
import { ACTIVITIES } from "./vocabulary.ts";

const COMMON: Fields = {
  type: filledText,
  description: text,
  version: filledText,
  playbook_activity: openWord(ACTIVITIES, "activity"),
  external_references: listOf(externalReference),
};

function needsOneForm(value: Json, at: Place): void {
  if (!Object.hasOwn(value, "command") && !Object.hasOwn(value, "command_b64"))
    fault(at, "missing", "The command has neither command nor command_b64. Add one of them.");
}

const inWords = object({
  fields: { ...COMMON, command: filledText, command_b64: base64 },
  needed: ["type"],
  rules: needsOneForm,
});

const encodedOnly = object({
  fields: { ...COMMON, command_b64: base64 },
  needed: ["type", "command_b64"],
});

// As many header lines as there are texts; the name is HTTP's token.
const headers = dictionaryOf(
  listOf(text),
  (name) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,250}$/.test(name),
  "a header's name",
);

const startLine = (methods: string) =>
  form(
    "bad_start_line",
    (given) => new RegExp(`^${methods} \\S+ HTTP/\\d(\\.\\d)?$`).test(given),
    'a start line such as "POST /actions/hold-terminal HTTP/1.1"',
  );

const SHAPES = {
  manual: inWords,
  bash: inWords,
  powershell: inWords,
  ssh: inWords,
  "caldera-cmd": inWords,
  "http-api": object({
    fields: {
      ...COMMON,
      command: startLine("[A-Z]{1,20}"),
      headers,
      content: text,
      content_b64: base64,
    },
    needed: ["type", "command"],
  }),
  "openc2-http": object({
    fields: { ...COMMON, command: startLine("POST"), headers, content_b64: base64 },
    needed: ["type", "command", "content_b64"],
  }),
  elastic: encodedOnly,
  jupyter: encodedOnly,
  kestrel: encodedOnly,
  sigma: encodedOnly,
  yara: encodedOnly,
};

export const command = byType(SHAPES, {
  check: object({ fields: COMMON, isOpen: true }),
  what: "command type",
});
