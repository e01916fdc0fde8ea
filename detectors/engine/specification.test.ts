// The specification's own test files and examples load, and match as its text says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createMatcher, flattenEvent, loadSigma } from "./sigma.ts";

const read = (name: string) => {
  const path = join(import.meta.dirname, "fixtures", "specification", name);
  return { path, text: readFileSync(path, "utf8") };
};
const met = (files: readonly string[], event: object) => {
  const { rules, refused } = loadSigma(files.map(read));
  expect(refused).toEqual([]);
  return createMatcher(rules)
    .match(flattenEvent(event))
    .map(({ title }) => title);
};

describe("test files", () => {
  it("hold rules of any taxonomy", () => {
    expect(met(["rule_1.yml"], { Provider_Name: "application error" })).toEqual(["A Title"]);
    expect(met(["rule_ecs.yml"], { dns: { question: { name: "SigmaHQ" } } })).toEqual(["A Title"]);
  });

  it("hold filters for rules that are elsewhere", () => {
    expect(met(["filter_1.yml", "filter_ecs.yml"], {})).toEqual([]);
  });

  it("hold a filter that leaves out what it matches", () => {
    const { text } = read("filter_1.yml");
    const rar = `title: rar
id: 6f3e2987-db24-4c78-a860-b4f4095a7095
logsource: {category: process_creation, product: windows}
detection: {s: {Image: rar.exe}, condition: s}
`;
    const { rules } = loadSigma([
      { path: "f.yml", text },
      { path: "r.yml", text: rar },
    ]);
    const count = (User: string) =>
      createMatcher(rules).match(flattenEvent({ Image: "RAR.exe", User })).length;
    expect([count("adm_x"), count("bob")]).toEqual([0, 1]);
  });
});

describe("examples of the text", () => {
  it.each([
    [{ Image: "c:\\windows\\system32\\WHOAMI.exe" }, ["Whoami Execution"]],
    [{ Service: "an EvilService" }, ["List of strings"]],
    [{ CommandLine: "svchost.exe -n evil" }, ["List of strings"]],
    [{ Image: "C:\\a\\example.exe" }, ["List of maps"]],
    [{ Description: "a test executable." }, ["List of maps"]],
    [{ EventLog: "security", EventID: 1102 }, ["Map with a list"]],
    [{ EventLog: "security", EventID: 1103 }, []],
    [
      {
        EventLog: "Security",
        EventID: "4769",
        TicketOptions: "0x40810000",
        TicketEncryption: "0x17",
      },
      ["Map"],
    ],
    [{ EventLog: "Security", EventID: "4769", TicketOptions: "0x40810000" }, []],
    [{ EventID: 4738, PasswordLastSet: "x" }, ["Not null", "Field existence"]],
    [{ EventID: 4738, PasswordLastSet: "" }, ["Not null", "Field existence"]],
    [{ EventID: 4738, PasswordLastSet: null }, []],
    [{ a: "Set-OabVirtualDirectory", b: "x -ExternalUrl y" }, ["All keywords"]],
    [{ a: "Set-OabVirtualDirectory" }, []],
  ])("%j", (event, titles) => {
    expect(met(["examples.yml"], event)).toEqual(titles);
  });
});
