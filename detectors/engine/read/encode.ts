// Modifiers that rewrite a value before it is looked for: windash, utf16 and base64.

/** Dashes that Windows programs take for one another; the slash too. */
const DASHES = ["-", "/", "\u2013", "\u2014", "\u2015"];
const MOST_VARIANTS = 3125;

/**
 * Every way to write the value's option dashes: a `-` or `/` that no word character precedes and one follows. Undefined when there
 * would be over 3,125 (five dashes). Source: pySigma, SigmaWindowsDashModifier; the specification's list of dashes.
 */
export function dashVariants(text: string): string[] | undefined {
  const pieces = text.split(/(?<!\w)[-/](?=\w)/);
  if (DASHES.length ** (pieces.length - 1) > MOST_VARIANTS) return undefined;
  let variants = [pieces[0] ?? ""];
  for (const piece of pieces.slice(1)) {
    variants = variants.flatMap((start) => DASHES.map((dash) => `${start}${dash}${piece}`));
  }
  return variants;
}

export type TextEncoding = "utf8" | "utf16le" | "utf16be" | "utf16";

/** Bytes of a text; `utf16` is little-endian behind a byte order mark. */
export function encodeText(text: string, encoding: TextEncoding): Uint8Array {
  if (encoding === "utf8") return new TextEncoder().encode(text);
  const marked = encoding === "utf16" ? `\ufeff${text}` : text;
  const bytes = new Uint8Array(marked.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < marked.length; i += 1) {
    view.setUint16(i * 2, marked.charCodeAt(i), encoding !== "utf16be");
  }
  return bytes;
}

export const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/**
 * What stays the same of the base64 text at each of the three places where the bytes may begin. For shift i: encode behind i
 * bytes, drop 0, 2, 3 leading characters and 0, 3, 2 trailing ones by (length + i) mod 3, since those depend on neighbours.
 * Source: specification, `base64offset`; pySigma, SigmaBase64OffsetModifier.
 */
export function base64Offsets(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((shift) => {
    const shifted = new Uint8Array(bytes.length + shift).fill(32, 0, shift);
    shifted.set(bytes, shift);
    const text = toBase64(shifted);
    const start = [0, 2, 3][shift] ?? 0;
    const end = [0, 3, 2][(bytes.length + shift) % 3] ?? 0;
    return text.slice(start, text.length - end);
  });
}
