// Who acts, on what, and how they prove who they are.
import {
  byType,
  type Check,
  dictionaryOf,
  type Fields,
  filledText,
  flag,
  form,
  identifier,
  listOf,
  object,
  oneOf,
  text,
} from "./checks.ts";
import { isVariableUse } from "./formats.ts";
import { fault, inside, type Json, type Place, shown } from "./problem.ts";
import { extensions } from "./shape-common.ts";
import { REGIONS } from "./vocabulary.ts";

const coordinate =
  (limit: number): Check =>
  (value, at) => {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || !(Math.abs(number) <= limit))
      fault(
        at,
        "out_of_range",
        `${shown(value)} is not right here. Write degrees from -${limit} to ${limit}.`,
      );
  };

const LOCATION_TEXTS = [
  "name",
  "description",
  "building_details",
  "network_details",
  "country",
  "administrative_area",
  "city",
  "street_address",
  "postal_code",
];

const location = object({
  fields: {
    ...Object.fromEntries(LOCATION_TEXTS.map((name) => [name, text])),
    region: oneOf(REGIONS),
    latitude: coordinate(90),
    longitude: coordinate(180),
    precision: (value, at) => coordinate(Number.MAX_VALUE)(value, at),
  },
  rules(value, at) {
    if (Object.hasOwn(value, "latitude") !== Object.hasOwn(value, "longitude"))
      fault(at, "missing", "latitude and longitude come together. Add the other one.");
  },
});

const COMMON: Fields = {
  type: filledText,
  name: filledText,
  description: text,
  location,
  agent_target_extensions: extensions,
};
const contact = object({
  fields: {
    email: dictionaryOf(filledText),
    phone: dictionaryOf(filledText),
    contact_details: text,
  },
});

const ADDRESS_KINDS = ["dname", "ipv4", "ipv6", "l2mac", "vlan", "url"];
const address: Check = (value, at) => {
  dictionaryOf(
    listOf(filledText),
    (key) => ADDRESS_KINDS.includes(key),
    ADDRESS_KINDS.join(", "),
  )(value, at);
  if (typeof value === "object" && value !== null && Object.keys(value).length === 0)
    fault(at, "empty", `The address is empty. Add one of ${ADDRESS_KINDS.join(", ")}.`);
};

const port = form(
  "bad_port",
  (given) => isVariableUse(given) || (/^[1-9]\d{0,4}$/.test(given) && Number(given) <= 65_535),
  "a port from 1 to 65535 in quotes",
);

const agent = (fields: Fields, needed: string[] = []) =>
  object({ fields: { ...COMMON, ...fields }, needed: ["type", "name", ...needed] });

const machine = agent(
  { address, port, authentication_info: identifier(), category: listOf(filledText) },
  ["address"],
);

const SHAPES = {
  individual: agent({ contact }),
  group: agent({ contact }),
  organization: agent({ contact }),
  location: agent({ logical: listOf(filledText) }),
  sector: agent({ sector: filledText }, ["sector"]),
  "security-category": agent({ category: listOf(filledText) }, ["category"]),
  "http-api": machine,
  linux: machine,
  ssh: machine,
  "net-address": agent(
    { address, authentication_info: identifier(), category: listOf(filledText) },
    ["address"],
  ),
};

export const AGENT_TYPES: readonly string[] = Object.keys(SHAPES);

export const agents = dictionaryOf(
  byType(SHAPES, {
    check: object({ fields: COMMON, needed: ["name"], isOpen: true }),
    what: "type of agent or target",
  }),
);

const SECRETS = ["password", "token", "oauth_header"];

/** A secret in a file is a secret no more. */
function noSecretWritten(value: Json, at: Place): void {
  for (const name of SECRETS) {
    const given = value[name];
    if (typeof given === "string" && given !== "" && !isVariableUse(given))
      fault(
        inside(at, name),
        "secret_written",
        `A secret stands in the playbook. Use kms, or a variable such as __${name}__:value.`,
      );
  }
}

function keyManagement(secrets: readonly string[]) {
  return (value: Json, at: Place) => {
    noSecretWritten(value, at);
    const isKept = value.kms === true;
    const named = Object.hasOwn(value, "kms_key_identifier");
    if (isKept !== named)
      fault(
        at,
        "kms_pair",
        "kms and kms_key_identifier come together. Add the other one, or remove it.",
      );
    for (const name of secrets) {
      const written = Object.hasOwn(value, name);
      if (isKept && written)
        fault(inside(at, name), "kms_excludes", `kms excludes "${name}". Remove one of them.`);
      if (!isKept && !written)
        fault(
          inside(at, name),
          "missing",
          `"${name}" is missing. Add it as a variable, or use kms.`,
        );
    }
  };
}

const AUTHENTICATION: Fields = {
  type: filledText,
  name: text,
  description: text,
  kms: flag,
  kms_key_identifier: filledText,
  authentication_info_extensions: extensions,
};

const authentication = (fields: Fields, secrets: readonly string[]) =>
  object({
    fields: { ...AUTHENTICATION, ...fields },
    needed: ["type"],
    rules: keyManagement(secrets),
  });

export const authentications = dictionaryOf(
  byType(
    {
      "http-basic": authentication({ user_id: filledText, password: text }, ["password"]),
      oauth2: authentication({ oauth_header: filledText, token: text }, ["token"]),
      "user-auth": authentication({ username: filledText, password: text }, ["password"]),
    },
    {
      check: object({ fields: AUTHENTICATION, isOpen: true, rules: noSecretWritten }),
      what: "type of authentication",
    },
  ),
);
