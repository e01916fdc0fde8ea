// The modifiers of a selection's line: which there are, which may stand beside which, in which order.
import { didYouMean } from "./fault.ts";
import type { Source } from "./yaml-source.ts";

export const TEXT = ["contains", "startswith", "endswith"];
export const COMPARE = ["lt", "lte", "gt", "gte"];
export const PARTS = ["minute", "hour", "day", "week", "month", "year"];
export const BASE64 = ["base64", "base64offset"];
export const WIDE = ["utf16le", "utf16be", "utf16"];
/** pySigma's and the specification's other names. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ignorecase: "i",
  multiline: "m",
  dotall: "s",
  wide: "utf16le",
};
const KNOWN = [
  ...[...TEXT, ...COMPARE, ...PARTS, ...BASE64, ...WIDE, "all", "cased", "exists", "neq", "re"],
  ...["i", "m", "s", "cidr", "fieldref", "expand", "windash"],
];

const REWRITE = ["windash", ...BASE64, ...WIDE];
/** What each modifier may stand beside; one that is not listed minds only the others. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    TEXT.map((name) => [name, ["all", "cased", "neq", "fieldref", ...REWRITE]]),
  ),
  re: ["i", "m", "s", "all", "neq"],
  cidr: ["neq", "all"],
  exists: [],
  expand: ["neq", "all"],
  windash: [...TEXT, "all", "cased", "neq"],
  base64: [...TEXT, ...WIDE, "all", "neq", "cased"],
  base64offset: [...TEXT, ...WIDE, "all", "neq", "cased"],
  ...Object.fromEntries(PARTS.map((part) => [part, [...COMPARE, "neq"]])),
  ...Object.fromEntries(COMPARE.map((name) => [name, [...PARTS, "fieldref"]])),
};

/** The modifiers of `field|a|b` under their short names, or undefined after a fault. */
export function readModifiers(
  source: Source,
  names: readonly string[],
  node: unknown,
): string[] | undefined {
  const modifiers = names.map((name) => OTHER_NAMES[name] ?? name);
  const strange = modifiers.find((name) => !KNOWN.includes(name));
  if (strange !== undefined) {
    source.fault(node, `There is no modifier "${strange}".${didYouMean(strange, KNOWN)}`);
    return undefined;
  }
  const foreign = source.vocabulary.taxonomy === "any";
  // A foreign placeholder is refused for what it is: unresolved, whatever stands beside it.
  if (foreign && modifiers.includes("expand")) return modifiers;
  const wrong = orderFault(modifiers, foreign);
  if (wrong === undefined) return modifiers;
  source.fault(node, wrong);
  return undefined;
}

function orderFault(modifiers: readonly string[], foreign: boolean): string | undefined {
  if (new Set(modifiers).size !== modifiers.length) return "A modifier is named twice.";
  // Published rules put "all" anywhere; where it stands changes nothing.
  if (!foreign && modifiers.includes("all") && modifiers.at(-1) !== "all") {
    return `"all" must be the last modifier.`;
  }
  const after = (name: string) => modifiers[modifiers.indexOf(name) + 1] ?? "";
  if (modifiers.some((name) => "ims".includes(name)) && !modifiers.includes("re")) {
    return `"i", "m" and "s" only follow "re".`;
  }
  if (modifiers.filter((name) => TEXT.includes(name)).length > 1) {
    return `"contains", "startswith" and "endswith" exclude each other.`;
  }
  const wide = WIDE.find((name) => modifiers.includes(name));
  if (wide !== undefined && !BASE64.includes(after(wide))) {
    return `"${wide}" stands directly before "base64" or "base64offset".`;
  }
  for (const name of modifiers) {
    const beside = BESIDE[name];
    const foe = modifiers.find((other) => other !== name && beside?.includes(other) === false);
    if (beside !== undefined && foe !== undefined) {
      return `"${name}" cannot be combined with "${foe}".`;
    }
  }
  return undefined;
}
