// A text value with its modifiers as tests: wildcards, rewritten dashes, encodings, and where in the field it stands.
import type { GlobPart, Test } from "../plan.ts";
import { base64Offsets, dashVariants, encodeText, type TextEncoding, toBase64 } from "./encode.ts";
import { parseGlob, plainText, widen } from "./glob.ts";
import { BASE64, TEXT, WIDE } from "./modifiers.ts";

const MOST_VARIANTS = 3125;

/** Any of the tests meets the value. Undefined after a fault. */
export function textTests(
  value: string,
  modifiers: readonly string[],
  fault: (message: string) => undefined,
): (Test & { op: "is" | "like" })[] | undefined {
  const cased = modifiers.includes("cased");
  const how = TEXT.find((name) => modifiers.includes(name));
  const glob = parseGlob(value);
  let globs: (readonly GlobPart[])[] = [glob];
  let place = how;
  const base64 = BASE64.find((name) => modifiers.includes(name));
  if (modifiers.includes("windash")) {
    const variants = globVariants(glob);
    if (variants === undefined) return fault("The value has more than five dashes for windash.");
    globs = variants;
  } else if (base64 !== undefined) {
    const plain = plainText(glob);
    if (plain === undefined) return fault(`"${base64}" cannot encode wildcards; escape them.`);
    const encoding = (WIDE.find((name) => modifiers.includes(name)) ?? "utf8") as TextEncoding;
    const bytes = encodeText(plain, encoding);
    const texts = base64 === "base64" ? [toBase64(bytes)] : base64Offsets(bytes);
    // A piece of one or two bytes leaves nothing that is the same at every place.
    globs = texts.filter((text) => text !== "").map((text) => [text]);
    if (globs.length === 0) return fault(`"${value}" is too short for ${base64}.`);
    if (base64 === "base64offset") place ??= "contains";
  }
  return globs.map((parts) => testOf(parts, place, cased));
}

function testOf(
  glob: readonly GlobPart[],
  how: string | undefined,
  cased: boolean,
): Test & { op: "is" | "like" } {
  if (how !== undefined) return { op: "like", glob: widen(glob, how), cased };
  const plain = plainText(glob);
  return plain === undefined ? { op: "like", glob, cased } : { op: "is", value: plain, cased };
}

/** Each literal part in each of its writings. */
function globVariants(glob: readonly GlobPart[]): GlobPart[][] | undefined {
  let variants: GlobPart[][] = [[]];
  for (const part of glob) {
    const writings = typeof part === "string" ? dashVariants(part) : [part];
    if (writings === undefined || writings.length * variants.length > MOST_VARIANTS)
      return undefined;
    variants = variants.flatMap((start) => writings.map((writing) => [...start, writing]));
  }
  return variants;
}
