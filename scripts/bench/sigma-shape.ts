// Rules and events of the public Sigma collection's shape, made up: program names, flags, paths and registry keys.
import type { DetectionPlan, Expr, GlobPart, Test } from "../../detectors/engine/plan.ts";
import { type FlatEvent, flattenEvent } from "../../detectors/engine/sigma.ts";

/** A small seeded generator (mulberry32): the same seed gives the same rules and events. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PROGRAMS = [
  ...[
    "powershell",
    "pwsh",
    "cmd",
    "rundll32",
    "regsvr32",
    "mshta",
    "wscript",
    "cscript",
    "certutil",
  ],
  ...["bitsadmin", "schtasks", "net", "net1", "reg", "wmic", "msbuild", "installutil", "svchost"],
  ...["explorer", "chrome", "msedge", "winword", "excel", "outlook", "teams", "lsass", "services"],
  ...["curl", "ftp", "ssh", "python", "java", "node", "git", "conhost", "taskhostw", "sihost"],
];
const FOLDERS = [
  ...[
    "C:\\Windows\\System32\\",
    "C:\\Windows\\SysWOW64\\",
    "C:\\Program Files\\",
    "C:\\Users\\ann\\",
  ],
  ...[
    "C:\\ProgramData\\",
    "C:\\Windows\\Temp\\",
    "C:\\Users\\ann\\AppData\\Local\\Temp\\",
    "D:\\Tools\\",
  ],
];
const SYLLABLES = [
  ..."in vo ke ex mim dump load str net sec get set cred xor ab ack add ba bin cal cha cle co con cre de".split(
    " ",
  ),
  ..."dir dis du em en er fi fil fo ge gro hid ho id im ip it ki la le li lo ma me mo na ni no ob on op".split(
    " ",
  ),
  ..."or pa pe pi po pre pro qu ra re ri ro run sa sch se sh si so sp st su ta te ti to tr un up us va".split(
    " ",
  ),
];

type Pick = <T>(from: readonly T[]) => T;
type Dice = { random: () => number; pick: Pick; word(least: number): string };

function dice(seed: number): Dice {
  const random = seeded(seed);
  const pick: Pick = (from) => from[Math.floor(random() * from.length)] as (typeof from)[number];
  const word = (least: number) => {
    let text = "";
    while (text.length < least + random() * 6) text += pick(SYLLABLES);
    return text;
  };
  return { random, pick, word };
}

const MANY: GlobPart = { wild: "*" };
const leaf = (field: string, test: Test): Expr => ({ kind: "leaf", field, test });
const contains = (text: string): Test => ({ op: "like", glob: [MANY, text, MANY], cased: false });
const endsWith = (text: string): Test => ({ op: "like", glob: [MANY, text], cased: false });
const is = (value: string | number): Test => ({ op: "is", value, cased: false });
const any = (of: Expr[]): Expr =>
  of.length === 1 && of[0] !== undefined ? of[0] : { kind: "or", of };
const every = (of: Expr[]): Expr => ({ kind: "and", of });

/** Mostly `Image|endswith` and `CommandLine|contains|all` with filters; some registry, regex, hash, address and keyword rules. */
export function sigmaShapedRules(count: number, seed: number): DetectionPlan[] {
  const made = dice(seed);
  return Array.from({ length: count }, (_, nth) => ({
    kind: "detection",
    name: `rule_${nth}`,
    file: "bench",
    eventTypes: null,
    logsource: {},
    where: oneRule(made),
    fields: [],
    readsTraining: false,
    filters: [],
  }));
}

function oneRule(made: Dice): Expr {
  const roll = made.random();
  // The few rules that no literal finds: "none of these".
  if (roll < 0.004) {
    const known = repeat(made, 5, () => leaf("Image", endsWith(`\\${made.pick(PROGRAMS)}.exe`)));
    return every([
      { kind: "not", of: any(known) },
      { kind: "not", of: leaf("CommandLine", contains(" ")) },
    ]);
  }
  if (roll < 0.72) return processRule(made);
  if (roll < 0.84) return registryRule(made);
  if (roll < 0.9) return every([programIs(made), leaf("CommandLine", regexOf(made))]);
  if (roll < 0.94)
    return any(repeat(made, 4, () => leaf("Hashes", contains(`MD5=${hex(made, 32)}`))));
  if (roll < 0.97) {
    const range = `${Math.floor(made.random() * 223) + 1}.${Math.floor(made.random() * 255)}.0.0/16`;
    return every([programIs(made), leaf("DestinationIp", { op: "cidr", range })]);
  }
  if (roll < 0.98) {
    return { kind: "keyword", glob: [MANY, made.word(8), MANY], cased: false };
  }
  return every([
    leaf("EventID", is(Math.floor(made.random() * 6000))),
    leaf("Channel", is("Security")),
  ]);
}

function processRule(made: Dice): Expr {
  const flags = repeat(made, 3, () => leaf("CommandLine", contains(flag(made))));
  const parts: Expr[] = [made.random() < 0.7 ? every(flags) : any(flags)];
  if (made.random() < 0.75) parts.unshift(programIs(made));
  if (made.random() < 0.25) {
    parts.push(
      any(repeat(made, 3, () => leaf("ParentImage", endsWith(`\\${made.pick(PROGRAMS)}.exe`)))),
    );
  }
  if (made.random() < 0.4) {
    parts.push({ kind: "not", of: leaf("CommandLine", contains(flag(made))) });
  }
  return every(parts);
}

function programIs(made: Dice): Expr {
  const program = made.random() < 0.6 ? made.pick(PROGRAMS) : made.word(5);
  return any([
    leaf("Image", endsWith(`\\${program}.exe`)),
    leaf("OriginalFileName", is(`${program}.exe`)),
  ]);
}

function registryRule(made: Dice): Expr {
  return every([
    leaf("TargetObject", contains(`\\CurrentVersion\\${made.word(6)}\\${made.word(4)}`)),
    ...(made.random() < 0.5 ? [leaf("Details", contains(made.word(5)))] : []),
  ]);
}

function regexOf(made: Dice): Test {
  return {
    op: "re",
    source: `(?i)${made.word(5)}\\s+-[a-z]{2,8}\\s+["']?${made.word(4)}`,
    flags: "",
  };
}

const flag = (made: Dice) =>
  made.pick([
    ` -${made.word(3)} `,
    ` /${made.word(3)}`,
    made.word(6),
    `${made.word(4)}.${made.word(3)}`,
  ]);

function repeat<T>(made: Dice, most: number, make: () => T): T[] {
  return Array.from({ length: 1 + Math.floor(made.random() * most) }, make);
}

const hex = (made: Dice, length: number) =>
  Array.from({ length }, () => made.pick([..."0123456789ABCDEF"])).join("");

/** Process-creation events of 25 fields and about 700 characters; one in twenty holds what a rule looks for. */
export function processEvents(
  count: number,
  seed: number,
  rules: readonly DetectionPlan[],
): FlatEvent[] {
  const made = dice(seed);
  return Array.from({ length: count }, (_, nth) => {
    const event = oneEvent(made, nth);
    if (nth % 20 === 0) for (const { where } of [made.pick(rules)]) meet(event, where);
    return flattenEvent(event);
  });
}

/** Writes what an expression looks for into the event; all of it, so some rules' filters will hold as well. */
function meet(event: Record<string, unknown>, expr: Expr): void {
  if (expr.kind === "and" || expr.kind === "or") for (const part of expr.of) meet(event, part);
  if (expr.kind !== "leaf") return;
  if (expr.test.op === "is") event[expr.field] = expr.test.value;
  if (expr.test.op !== "like") return;
  const text = expr.test.glob.filter((part) => typeof part === "string").join("");
  const before = String(event[expr.field] ?? "");
  event[expr.field] = expr.field === "CommandLine" ? `${before} ${text}` : `${before}${text}`;
}

function oneEvent(made: Dice, nth: number): Record<string, unknown> {
  const program = made.pick(PROGRAMS);
  const image = `${made.pick(FOLDERS)}${program}.exe`;
  const parent = `${made.pick(FOLDERS)}${made.pick(PROGRAMS)}.exe`;
  const words = repeat(made, 10, () => (made.random() < 0.1 ? flag(made) : made.word(4)));
  const md5 = hex(made, 32);
  return {
    EventID: 1,
    Channel: "Microsoft-Windows-Sysmon/Operational",
    Provider_Name: "Microsoft-Windows-Sysmon",
    Computer: `till-${nth % 200}.shop.example`,
    UtcTime: "2026-11-25 10:00:00.000",
    ProcessGuid: `{${hex(made, 8)}-${hex(made, 4)}-${hex(made, 12)}}`,
    ProcessId: 1000 + (nth % 9000),
    Image: image,
    FileVersion: "10.0.19041.1 (WinBuild.160101.0800)",
    Description: `${program} host process`,
    Product: "Microsoft Windows Operating System",
    Company: "Microsoft Corporation",
    OriginalFileName: `${program}.exe`,
    CommandLine: `"${image}" ${words.join(" ")}`,
    CurrentDirectory: made.pick(FOLDERS),
    User: "SHOP\\ann",
    LogonId: "0x3e7",
    TerminalSessionId: 1,
    IntegrityLevel: "High",
    Hashes: `MD5=${md5},SHA256=${hex(made, 64)},IMPHASH=${hex(made, 32)}`,
    ParentProcessId: 4000 + (nth % 500),
    ParentImage: parent,
    ParentCommandLine: `${parent} -k ${made.word(6)}`,
    ParentUser: "SHOP\\ann",
    RuleName: "-",
  };
}
