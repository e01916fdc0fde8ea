import { describe, expect, it } from "vitest";
import { loadRules } from "../read/load.ts";
import { blindness } from "./blind.ts";

const detection = (name: string, where: string) => `
title: T
id: 00000000-0000-4000-8000-0000000000${name.length.toString().padStart(2, "0")}
name: ${name}
logsource: { product: tillwatch, category: payment }
detection:
${where}`;
const rules = (where: string, correlation = "") =>
  loadRules([{ path: "t.yml", text: `${detection("d", where)}${correlation}` }]);
const seen = (...fields: string[]) => new Map([["payment", new Set(["event_type", ...fields])]]);

describe("why a rule cannot match", () => {
  const both = "  s: { outcome: declined, ip: 203.0.113.9 }\n  condition: s";
  it.each([
    ["all is there", both, ["outcome", "ip"], null],
    ["one is missing", both, ["outcome"], ["ip"]],
    ["or: one is enough", "  a: { ip: x }\n  b: { bin: '4' }\n  condition: a or b", ["bin"], null],
    [
      "or: the nearer of both",
      "  a: { ip: x }\n  b: { bin: '4', amount: 1 }\n  condition: a or b",
      [],
      ["ip"],
    ],
    ["not needs nothing", "  a: { ip: x }\n  condition: not a", [], null],
    ["absence needs nothing", "  a: { 'ip|exists': false }\n  condition: a", [], null],
    ["presence needs it", "  a: { 'ip|exists': true }\n  condition: a", [], ["ip"]],
  ] as const)("%s", (_, where, fields, missing) => {
    const blind = blindness(rules(where), "d", seen(...fields));
    expect(blind?.fields ?? null).toEqual(missing);
  });

  it("an event type that never came", () => {
    expect(blindness(rules(both), "d", new Map())).toEqual({
      eventTypes: ["payment"],
      fields: [],
    });
  });

  it("what a correlation groups by must be there too", () => {
    const counted = `
---
title: Count
id: 00000000-0000-4000-8000-000000000099
name: counted
correlation: { type: event_count, rules: [d], group-by: [device_id], timespan: 1m, condition: { gte: 2 } }
`;
    const ruleset = rules("  s: { outcome: declined }\n  condition: s", counted);
    expect(blindness(ruleset, "counted", seen("outcome", "device_id"))).toBeNull();
    expect(blindness(ruleset, "counted", seen("outcome"))?.fields).toEqual(["device_id"]);
  });
});
