// Sigma's text values: `*` any run, `?` one code point, backslash escapes; case-insensitive unless told.
import type { GlobPart } from "../plan.ts";

const MANY: GlobPart = { wild: "*" };
const ONE: GlobPart = { wild: "?" };

/**
 * Splits a value into literal text and wildcards. `\*` `\?` are literal, `\\` is one backslash, and a single backslash
 * before anything else is itself.
 */
export function parseGlob(text: string): GlobPart[] {
  const parts: GlobPart[] = [];
  let literal = "";
  const flush = () => {
    if (literal !== "") parts.push(literal);
    literal = "";
  };
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    const next = text[i + 1];
    if (char === "\\" && (next === "*" || next === "?" || next === "\\")) {
      literal += next;
      i += 1;
    } else if (char === "*" || char === "?") {
      flush();
      if (char === "?") parts.push(ONE);
      else if (parts.at(-1) !== MANY) parts.push(MANY);
    } else {
      literal += char;
    }
  }
  flush();
  return parts;
}

/** The value itself when it has no wildcard, else undefined. */
export function plainText(parts: readonly GlobPart[]): string | undefined {
  if (parts.length === 0) return "";
  return parts.length === 1 && typeof parts[0] === "string" ? parts[0] : undefined;
}

/** The parts with wildcards put at one or both ends, as contains, startswith and endswith ask. */
export function widen(parts: readonly GlobPart[], how: string): GlobPart[] {
  const wide = [...parts];
  if (how !== "startswith" && wide[0] !== MANY) wide.unshift(MANY);
  if (how !== "endswith" && wide.at(-1) !== MANY) wide.push(MANY);
  return wide;
}

/** A function that says whether a whole text fits. */
export function compileGlob(parts: readonly GlobPart[], cased: boolean): (text: string) => boolean {
  const fold = (text: string) => (cased ? text : text.toLowerCase());
  const folded = parts.map((part) => (typeof part === "string" ? fold(part) : part));
  const shape = folded.map((part) => (typeof part === "string" ? "t" : part.wild)).join("");
  const literal = folded.find((part) => typeof part === "string") ?? "";
  switch (shape) {
    case "":
      return (text) => text === "";
    case "t":
      return (text) => fold(text) === literal;
    case "*":
      return () => true;
    case "*t*":
      return (text) => fold(text).includes(literal);
    case "t*":
      return (text) => fold(text).startsWith(literal);
    case "*t":
      return (text) => fold(text).endsWith(literal);
    default: {
      if (!shape.includes("?")) return compileOrdered(folded, fold);
      const units = folded.flatMap((part): GlobPart[] =>
        typeof part === "string" ? [...part] : [part],
      );
      return (text) => fits([...fold(text)], units);
    }
  }
}

/** Literals with `*` between them: the first and last where they must be, each other one as early as it can. */
function compileOrdered(
  parts: readonly GlobPart[],
  fold: (text: string) => string,
): (text: string) => boolean {
  const [head, tail] = [parts[0], parts.at(-1)];
  const start = typeof head === "string" ? head : "";
  const end = typeof tail === "string" ? tail : "";
  const inner = parts
    .slice(start === "" ? 0 : 1, end === "" ? undefined : -1)
    .filter((part) => typeof part === "string");
  return (text) => {
    const given = fold(text);
    const last = given.length - end.length;
    if (last < start.length || !given.startsWith(start) || !given.endsWith(end)) return false;
    let at = start.length;
    for (const part of inner) {
      const found = given.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= last;
  };
}

/** Greedy with one step back to the last `*`: at most text × pattern steps, never exponential. */
function fits(text: readonly string[], units: readonly GlobPart[]): boolean {
  let t = 0;
  let u = 0;
  let starUnit = -1;
  let starText = 0;
  while (t < text.length) {
    const unit = units[u];
    if (unit === MANY) {
      starUnit = u;
      starText = t;
      u += 1;
    } else if (unit !== undefined && (unit === ONE || unit === text[t])) {
      t += 1;
      u += 1;
    } else if (starUnit >= 0) {
      starText += 1;
      t = starText;
      u = starUnit + 1;
    } else {
      return false;
    }
  }
  while (units[u] === MANY) u += 1;
  return u === units.length;
}
