import fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { Json } from "./problem.ts";
import { ACTION, AGENT, END, fullPlaybook, id, START, smallPlaybook } from "./testing.ts";
import { loadPlaybook, validatePlaybook } from "./validate.ts";

vi.setConfig({ testTimeout: 30_000 }); // the property test, on a busy machine

type Edit = (playbook: Json) => void;
const at = (value: unknown, ...keys: (string | number)[]): Json =>
  keys.reduce((found, key) => (found as Json)[key] as Json, value as Json);
const step = (playbook: Json, key: string) => at(playbook, "workflow", key);
const codes = (playbook: unknown, severity = "error") =>
  validatePlaybook(playbook)
    .filter((problem) => problem.severity === severity)
    .map(({ code }) => code);

it.each([
  ["a small playbook", smallPlaybook],
  ["one with every kind of step", fullPlaybook],
])("finds nothing wrong with %s", (_name, make) => expect(validatePlaybook(make())).toEqual([]));

const ERRORS: [what: string, code: string, edit: Edit][] = [
  [
    "workflow_start names no step",
    "dangling",
    (p) => {
      p.workflow_start = id("start", 9);
    },
  ],
  [
    "workflow_start names an action",
    "bad_identifier",
    (p) => {
      p.workflow_start = ACTION;
    },
  ],
  [
    "a successor that is not there",
    "dangling",
    (p) => {
      step(p, ACTION).on_completion = id("end", 9);
    },
  ],
  [
    "a step leads to the start",
    "wrong_kind",
    (p) => {
      step(p, ACTION).on_completion = START;
    },
  ],
  [
    "an agent that is not defined",
    "dangling",
    (p) => {
      step(p, ACTION).agent = id("individual", 9);
    },
  ],
  [
    "an action without agent",
    "missing",
    (p) => {
      delete step(p, ACTION).agent;
    },
  ],
  [
    "an action without commands",
    "missing",
    (p) => {
      delete step(p, ACTION).commands;
    },
  ],
  [
    "an action with no command in the list",
    "empty_list",
    (p) => {
      step(p, ACTION).commands = [];
    },
  ],
  [
    "an action with no successor",
    "missing_successor",
    (p) => {
      delete step(p, ACTION).on_completion;
    },
  ],
  [
    "only on_failure",
    "missing_successor",
    (p) => {
      delete step(p, ACTION).on_completion;
      step(p, ACTION).on_failure = END;
    },
  ],
  [
    "on_completion beside on_failure",
    "double_successor",
    (p) => {
      step(p, ACTION).on_failure = END;
    },
  ],
  [
    "an end with on_completion",
    "forbidden_successor",
    (p) => {
      step(p, END).on_completion = ACTION;
    },
  ],
  [
    "a start with on_failure",
    "forbidden_successor",
    (p) => {
      step(p, START).on_failure = END;
    },
  ],
  [
    "an action whose successor is itself",
    "cycle",
    (p) => {
      step(p, ACTION).on_completion = ACTION;
    },
  ],
  [
    "no end step",
    "no_end",
    (p) => {
      delete at(p, "workflow")[END];
    },
  ],
  [
    "no start step",
    "no_start",
    (p) => {
      delete at(p, "workflow")[START];
    },
  ],
  [
    "an empty workflow",
    "no_start",
    (p) => {
      p.workflow = {};
    },
  ],
  [
    "a key that says another type",
    "key_mismatch",
    (p) => {
      step(p, END).type = "start";
    },
  ],
  [
    "a step type that nobody knows",
    "unknown_word",
    (p) => {
      step(p, ACTION).type = "actoin";
    },
  ],
  [
    "an agent's key of another type",
    "key_mismatch",
    (p) => {
      at(p, "agent_definitions", AGENT).type = "group";
    },
  ],
  [
    "modified before created",
    "time_order",
    (p) => {
      p.modified = "2026-11-25T09:59:59.999Z";
    },
  ],
  [
    "valid_until that is valid_from",
    "time_order",
    (p) => {
      p.valid_from = p.valid_until = "2026-11-25T10:00:00Z";
    },
  ],
  [
    "31 February",
    "bad_timestamp",
    (p) => {
      p.created = "2026-02-31T10:00:00.000Z";
    },
  ],
  [
    "six decimals in created",
    "bad_timestamp",
    (p) => {
      p.created = "2026-11-25T10:00:00.000000Z";
    },
  ],
  [
    "no decimals in modified",
    "bad_timestamp",
    (p) => {
      p.modified = "2026-11-25T10:00:00Z";
    },
  ],
  [
    "a time with an offset",
    "bad_timestamp",
    (p) => {
      p.valid_from = "2026-11-25T10:00:00+01:00";
    },
  ],
  [
    "priority 101",
    "out_of_range",
    (p) => {
      p.priority = 101;
    },
  ],
  [
    "severity -1",
    "out_of_range",
    (p) => {
      p.severity = -1;
    },
  ],
  [
    "half an impact",
    "out_of_range",
    (p) => {
      p.impact = 0.5;
    },
  ],
  [
    "a delay below 0",
    "out_of_range",
    (p) => {
      step(p, ACTION).delay = -1;
    },
  ],
  [
    "a delay as text",
    "wrong_type",
    (p) => {
      step(p, ACTION).delay = "5";
    },
  ],
  [
    "version 1.1",
    "wrong_spec_version",
    (p) => {
      p.spec_version = "cacao-1.1";
    },
  ],
  [
    "no name",
    "missing",
    (p) => {
      delete p.name;
    },
  ],
  [
    "an id that is no UUID",
    "bad_identifier",
    (p) => {
      p.id = "playbook--1";
    },
  ],
  [
    "an id of another type",
    "bad_identifier",
    (p) => {
      p.id = id("action", 100);
    },
  ],
  [
    "a variable without underscores",
    "bad_name",
    (p) => {
      p.playbook_variables = { foo: { type: "string" } };
    },
  ],
  [
    "a variable that begins with a digit",
    "bad_name",
    (p) => {
      p.playbook_variables = { __1a__: { type: "string" } };
    },
  ],
  [
    "a number as a variable's value",
    "wrong_type",
    (p) => {
      p.playbook_variables = { __a__: { type: "integer", value: 3 } };
    },
  ],
  [
    "a step's variable from outside",
    "external_in_step",
    (p) => {
      step(p, ACTION).step_variables = { __a__: { type: "string", external: true } };
    },
  ],
  [
    "a variable that is not there",
    "undeclared_variable",
    (p) => {
      at(p, "workflow", ACTION, "commands", 0).command = "See __gone__:value.";
    },
  ],
  [
    "one hidden in base64",
    "undeclared_variable",
    (p) => {
      at(p, "workflow", ACTION, "commands")[0] = {
        type: "manual",
        command_b64: btoa("See __gone__:value."),
      };
    },
  ],
  [
    "a constant that is written",
    "writes_constant",
    (p) => {
      p.playbook_variables = { __a__: { type: "string", constant: true } };
      step(p, ACTION).out_args = ["__a__"];
    },
  ],
  [
    "a misspelt property",
    "unknown_property",
    (p) => {
      p.desciption = "x";
    },
  ],
  [
    "a misspelt property of a command",
    "unknown_property",
    (p) => {
      at(p, "workflow", ACTION, "commands", 0).comand = "x";
    },
  ],
  [
    "manual without content",
    "missing",
    (p) => {
      at(p, "workflow", ACTION, "commands")[0] = { type: "manual" };
    },
  ],
  [
    "a start line without version",
    "bad_start_line",
    (p) => {
      at(p, "workflow", ACTION, "commands")[0] = { type: "http-api", command: "GET /x" };
    },
  ],
  [
    "openc2 by GET",
    "bad_start_line",
    (p) => {
      at(p, "workflow", ACTION, "commands")[0] = {
        type: "openc2-http",
        command: "GET /x HTTP/1.1",
        content_b64: "e30=",
      };
    },
  ],
  [
    "sigma in plain text",
    "missing",
    (p) => {
      at(p, "workflow", ACTION, "commands")[0] = { type: "sigma", command: "x" };
    },
  ],
  [
    "base64 that does not decode",
    "bad_base64",
    (p) => {
      at(p, "workflow", ACTION, "commands")[0] = { type: "sigma", command_b64: "abc" };
    },
  ],
  [
    "types without activities",
    "missing",
    (p) => {
      p.playbook_types = ["attack"];
    },
  ],
  [
    "an empty list",
    "empty_list",
    (p) => {
      p.labels = [];
    },
  ],
  [
    "a reference with a name alone",
    "missing",
    (p) => {
      p.external_references = [{ name: "x" }];
    },
  ],
  [
    "a marking that is not defined",
    "dangling",
    (p) => {
      p.markings = [id("marking-tlp", 9)];
    },
  ],
  [
    "an extension that is not defined",
    "dangling",
    (p) => {
      p.playbook_extensions = { [id("extension-definition", 9)]: { abc: 1 } };
    },
  ],
  [
    "half a character",
    "not_canonical",
    (p) => {
      p.name = "\ud800";
    },
  ],
  [
    "two starts",
    "many_starts",
    (p) => {
      at(p, "workflow")[id("start", 9)] = { type: "start", on_completion: ACTION };
    },
  ],
];
it.each(ERRORS)("refuses %s as %s", (_what, code, edit) => {
  const playbook = smallPlaybook();
  edit(playbook);
  expect(codes(playbook)).toContain(code);
});

const IN_FULL: [what: string, code: string, edit: Edit][] = [
  [
    "a parallel step with one branch",
    "too_few",
    (p) => {
      step(p, id("parallel", 15)).next_steps = [id("action", 16)];
    },
  ],
  [
    "one branch twice",
    "same_branch",
    (p) => {
      step(p, id("parallel", 15)).next_steps = [id("action", 16), id("action", 16)];
    },
  ],
  [
    "an if without condition",
    "missing",
    (p) => {
      delete step(p, id("if-condition", 10)).condition;
    },
  ],
  [
    "a condition that cannot be read",
    "bad_condition",
    (p) => {
      step(p, id("if-condition", 10)).condition = "__count__:value >";
    },
  ],
  [
    "a condition on a variable that is not there",
    "undeclared_variable",
    (p) => {
      step(p, id("if-condition", 10)).condition = "__no__:value = 1";
    },
  ],
  [
    "a while that is led back to by an edge",
    "cycle",
    (p) => {
      step(p, id("action", 21)).on_completion = id("while-condition", 20);
    },
  ],
  [
    "branches that share their end",
    "shared_end",
    (p) => {
      step(p, id("action", 13)).on_completion = id("end", 12);
    },
  ],
  [
    "a branch that ends where the playbook ends",
    "shared_end",
    (p) => {
      step(p, id("action", 11)).on_completion = id("end", 33);
    },
  ],
  [
    "no cases",
    "too_few",
    (p) => {
      step(p, id("switch-condition", 23)).cases = {};
    },
  ],
  [
    "a written secret",
    "secret_written",
    (p) => {
      at(p, "authentication_info_definitions", id("user-auth", 6)).password = "hunter2";
    },
  ],
  [
    "kms without its key's name",
    "kms_pair",
    (p) => {
      at(p, "authentication_info_definitions", id("user-auth", 6)).kms = true;
    },
  ],
  [
    "a target's variable that is not there",
    "undeclared_variable",
    (p) => {
      at(p, "target_definitions", id("http-api", 5)).address = { url: ["https://__no__:value/"] };
    },
  ],
  [
    "a TLP level that is not",
    "unknown_word",
    (p) => {
      at(p, "data_marking_definitions", id("marking-tlp", 90)).tlpv2_level = "TLP:WHITE";
    },
  ],
  [
    "a marking with modified",
    "unknown_property",
    (p) => {
      at(p, "data_marking_definitions", id("marking-tlp", 90)).modified =
        "2026-11-25T10:00:00.000Z";
    },
  ],
  [
    "another step's variable",
    "undeclared_variable",
    (p) => {
      at(p, "workflow", id("action", 16), "commands", 0).command = "__mine__:value";
    },
  ],
];
it.each(IN_FULL)("refuses %s as %s in a playbook with all kinds of steps", (_what, code, edit) => {
  const playbook = fullPlaybook();
  edit(playbook);
  expect(codes(playbook)).toContain(code);
});

const WARNINGS: [what: string, code: string, severity: string, edit: Edit][] = [
  [
    "a step that nothing leads to",
    "unreachable",
    "warning",
    (p) => {
      at(p, "workflow")[id("end", 9)] = { type: "end" };
    },
  ],
  [
    "an activity that no command carries",
    "activity_not_carried",
    "warning",
    (p) => {
      p.playbook_activities = ["scan-system"];
    },
  ],
  [
    "a custom activity",
    "custom_word",
    "warning",
    (p) => {
      p.playbook_activities = ["juggle"];
    },
  ],
  [
    "a summary that lies",
    "summary_wrong",
    "warning",
    (p) => {
      p.playbook_processing_summary = { if_logic: true };
    },
  ],
  [
    "a UUID that stands for two types",
    "uuid_reused",
    "warning",
    (p) => {
      p.id = id("playbook", 2);
    },
  ],
  [
    "a reference that is not at the top",
    "reference_not_repeated",
    "warning",
    (p) => {
      step(p, ACTION).external_references = [{ name: "x", url: "y" }];
    },
  ],
  [
    "a hidden variable",
    "hides_variable",
    "warning",
    (p) => {
      p.playbook_variables = { __a__: { type: "string" } };
      step(p, ACTION).step_variables = { __a__: { type: "string" } };
    },
  ],
  [
    "a custom command",
    "command_not_runnable",
    "not_runnable",
    (p) => {
      at(p, "workflow", ACTION, "commands")[0] = { type: "frobnicate", gears: 3 };
    },
  ],
  [
    "bash, which the settings do not allow",
    "command_not_runnable",
    "not_runnable",
    (p) => {
      at(p, "workflow", ACTION, "commands")[0] = { type: "bash", command: "true" };
    },
  ],
];
it.each(WARNINGS)("lets %s load, and says %s", (_what, code, severity, edit) => {
  const playbook = smallPlaybook();
  edit(playbook);
  expect(codes(playbook)).toEqual([]);
  expect(codes(playbook, severity)).toContain(code);
});

it.each<[string, Edit]>([
  [
    "delay 0",
    (p) => {
      step(p, ACTION).delay = 0;
    },
  ],
  [
    "30 days as timeout",
    (p) => {
      step(p, ACTION).timeout = 2_592_000_000;
    },
  ],
  [
    "priority 0",
    (p) => {
      p.priority = 0;
    },
  ],
  [
    "both ends of a range",
    (p) => {
      p.severity = 1;
      p.impact = 100;
    },
  ],
])("takes %s", (_what, edit) => {
  const playbook = smallPlaybook();
  edit(playbook);
  expect(validatePlaybook(playbook)).toEqual([]);
});

it("lets bash run where the settings allow it", () => {
  const playbook = smallPlaybook();
  at(playbook, "workflow", ACTION, "commands")[0] = { type: "bash", command: "true" };
  expect(validatePlaybook(playbook, { allowed: ["bash"] })).toEqual([]);
});

it("names the place, the fault and the remedy", () => {
  const playbook = smallPlaybook();
  step(playbook, ACTION).delay = -1;
  expect(validatePlaybook(playbook)).toEqual([
    {
      code: "out_of_range",
      severity: "error",
      path: `workflow.${ACTION}.delay`,
      message: "-1 is out of range. Write a whole number 0 or more.",
    },
  ]);
});

it.each([
  ["a key that stands twice in JSON", '{"a": {"b": 1, "b": 2}}', "json", "duplicate_key", "a.b"],
  [
    "one written in another way",
    '{"a": [{}, {"b": "x,", "\\u0062": 2}]}',
    "json",
    "duplicate_key",
    "a[1].b",
  ],
  ["a key that stands twice in YAML", "a: 1\na: 2\n", "yaml", "duplicate_key", ""],
  ["an anchor", "a: &x 1\nb: *x\n", "yaml", "yaml_feature", ""],
  ["a tag", "a: !!str 1\n", "yaml", "yaml_feature", ""],
  ["two documents", "a: 1\n---\na: 2\n", "yaml", "unreadable", ""],
  ["broken JSON", "{", "json", "unreadable", ""],
  ["broken YAML", "a: [", "yaml", "unreadable", ""],
  ["an empty file", "", "yaml", "unreadable", ""],
  ["a million brackets", "[".repeat(500_000) + "]".repeat(500_000), "json", "too_deep", ""],
  ["over 1 MiB", " ".repeat(1_048_577), "json", "too_large", ""],
] as const)("refuses %s", (...[, text, format, code, path]) => {
  const { isValid, problems } = loadPlaybook(text, format);
  expect(isValid).toBe(false);
  expect(problems[0]).toMatchObject({ code, path });
});

it("reads YAML as JSON's types: times, yes and 0x10 stay texts", () => {
  const text =
    "a: 2026-11-25T10:00:00.000Z\nb: yes\nc: 0x10\nd: 1.50\ne: true\nf: '1'\ng: null\nh: [~]\n";
  expect(loadPlaybook(text, "yaml").value).toEqual({
    a: "2026-11-25T10:00:00.000Z",
    b: "yes",
    c: "0x10",
    d: 1.5,
    e: true,
    f: "1",
    g: null,
    h: ["~"],
  });
});

/** Every place in a value, by its path. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, item]) => places(item, [...path, key]))];
}

it("a valid playbook with any one place changed never crashes the validator; each problem has a code and a sentence", () => {
  const all = places(fullPlaybook()).filter((path) => path.length > 0);
  const change = fc.oneof(
    fc.constant(undefined),
    fc.jsonValue(),
    fc.constantFrom<unknown>("__proto__", id("end", 3), [], {}, null),
  );
  fc.assert(
    fc.property(fc.constantFrom(...all), change, fc.string(), (path, value, name) => {
      const playbook = fullPlaybook();
      const key = path.at(-1) as string;
      const holder = at(playbook, ...path.slice(0, -1));
      if (value === undefined) delete holder[key];
      else if (name.length > 8)
        Object.defineProperty(holder, name, { value, enumerable: true, configurable: true });
      else holder[key] = value;
      for (const problem of validatePlaybook(playbook)) {
        expect(problem.message).toMatch(/^.+[.?].*$/su);
        expect(problem.code).toMatch(/^[a-z_]+$/);
      }
    }),
    { numRuns: 400 },
  );
});
