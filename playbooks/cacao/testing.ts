// A small valid playbook for tests, and a larger one with every kind of step.
import type { Json } from "./problem.ts";

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
export const id = (type: string, n: number) => `${type}--${uuid(n)}`;

export const START = id("start", 1);
export const ACTION = id("action", 2);
export const END = id("end", 3);
export const AGENT = id("individual", 4);
export const HEAD = {
  type: "playbook",
  spec_version: "cacao-2.0",
  id: id("playbook", 100),
  name: "Hold a till",
  created_by: id("identity", 101),
  created: "2026-11-25T10:00:00.000Z",
  modified: "2026-11-25T10:00:00.000Z",
};

/** start → action → end; a fresh object each time, without a single problem. */
export const smallPlaybook = (): Json => ({
  ...HEAD,
  workflow_start: START,
  workflow: {
    [START]: { type: "start", on_completion: ACTION },
    [ACTION]: {
      type: "action",
      commands: [{ type: "manual", command: "Call the shop." }],
      agent: AGENT,
      on_completion: END,
    },
    [END]: { type: "end" },
  },
  agent_definitions: { [AGENT]: { type: "individual", name: "Shift lead" } },
});

const act = (next: number, more: Json = {}): Json => ({
  type: "action",
  commands: [{ type: "manual", command: "Look at __till__:value." }],
  agent: AGENT,
  on_completion: id("end", next),
  ...more,
});

/** Every kind of step, variables, markings, a target with authentication, references; without a problem. */
export const fullPlaybook = (): Json => ({
  ...HEAD,
  description: "All kinds of steps.",
  playbook_types: ["mitigation"],
  playbook_activities: ["restrict-access"],
  playbook_processing_summary: { if_logic: true, parallel_processing: true, data_markings: true },
  valid_from: "2026-11-25T10:00:00Z",
  valid_until: "2027-11-25T10:00:00Z",
  priority: 1,
  severity: 100,
  impact: 0,
  labels: ["till"],
  external_references: [{ name: "Guide", url: "https://example.com/guide" }],
  markings: [id("marking-tlp", 90)],
  playbook_variables: {
    __till__: { type: "string", value: "till 4", external: true },
    __count__: { type: "integer", value: "3" },
    __kind__: { type: "string", value: null, constant: true },
    __secret__: { type: "string", value: null },
  },
  workflow_start: START,
  workflow_exception: id("action", 40),
  workflow: {
    [START]: { type: "start", on_completion: id("if-condition", 10), delay: 0 },
    [id("if-condition", 10)]: {
      type: "if-condition",
      condition: "__count__:value > 2 AND NOT (__kind__:value IN ('lost', 'stolen'))",
      on_true: id("action", 11),
      on_false: id("action", 13),
      on_completion: id("parallel", 15),
    },
    [id("action", 11)]: act(12),
    [id("end", 12)]: { type: "end" },
    [id("action", 13)]: act(14),
    [id("end", 14)]: { type: "end" },
    [id("parallel", 15)]: {
      type: "parallel",
      next_steps: [id("action", 16), id("action", 18)],
      on_success: id("while-condition", 20),
      on_failure: id("end", 33),
    },
    [id("action", 16)]: act(17, { timeout: 2_592_000_000 }),
    [id("end", 17)]: { type: "end" },
    [id("action", 18)]: act(19, {
      commands: [
        {
          type: "http-api",
          command: "POST /actions/hold-terminal HTTP/1.1",
          headers: { "content-type": ["application/json"] },
          content: '{"till": "__till__:value", "by": "__mine__:value"}',
          playbook_activity: "restrict-access",
        },
      ],
      step_variables: { __mine__: { type: "string", value: "" } },
      targets: [id("http-api", 5)],
      in_args: ["__till__:value"],
      out_args: ["__count__"],
    }),
    [id("end", 19)]: { type: "end" },
    [id("while-condition", 20)]: {
      type: "while-condition",
      condition: "__count__:value >= 1",
      on_true: id("action", 21),
      on_completion: id("switch-condition", 23),
    },
    [id("action", 21)]: act(22),
    [id("end", 22)]: { type: "end" },
    [id("switch-condition", 23)]: {
      type: "switch-condition",
      switch: "__kind__:value",
      cases: { lost: id("action", 24), default: id("action", 26) },
      on_completion: id("playbook-action", 30),
    },
    [id("action", 24)]: act(25),
    [id("end", 25)]: { type: "end" },
    [id("action", 26)]: act(27),
    [id("end", 27)]: { type: "end" },
    [id("playbook-action", 30)]: {
      type: "playbook-action",
      playbook_id: id("playbook", 200),
      playbook_version: "2026-11-25T10:00:00.000Z",
      on_completion: id("end", 33),
    },
    [id("end", 33)]: { type: "end" },
    [id("action", 40)]: act(41),
    [id("end", 41)]: { type: "end" },
  },
  agent_definitions: {
    [AGENT]: { type: "individual", name: "Shift lead", contact: { phone: { shop: "1" } } },
  },
  target_definitions: {
    [id("http-api", 5)]: {
      type: "http-api",
      name: "Tillwatch",
      address: { url: ["https://localhost/x"] },
      port: "443",
      authentication_info: id("user-auth", 6),
    },
  },
  authentication_info_definitions: {
    [id("user-auth", 6)]: { type: "user-auth", username: "shop", password: "__secret__:value" },
  },
  data_marking_definitions: {
    [id("marking-tlp", 90)]: {
      type: "marking-tlp",
      id: id("marking-tlp", 90),
      created_by: id("identity", 101),
      created: "2026-11-25T10:00:00.000Z",
      tlpv2_level: "TLP:GREEN",
    },
  },
});
