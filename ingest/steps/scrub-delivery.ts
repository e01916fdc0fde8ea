// A provider's body before it rests anywhere: only the fields that its source keeps, card data masked, addresses gone.
import { type CardDataKind, isSecurityCode } from "../../core/card-codes.ts";
import { maskCardData } from "../../core/card-data.ts";
import { isArticleNumber } from "../../core/card-look-alikes.ts";
import { cleanText } from "../../core/check-event.ts";
import { emailDigest, maskStoredValue } from "../../core/event-draft.ts";
import type { KeptFields } from "../../core/kept-fields.ts";

export type FoundInField = { field: string; kind: CardDataKind };
export type ScrubbedDelivery = { body: string; found: FoundInField[] };

const LONGEST_UNREAD = 4096;
const DEEPEST = 20;

/** In: raw bytes. Out: JSON without what is not kept; a body that is no JSON is kept as masked text, cut. */
export function scrubDelivery(bytes: Buffer, kept: KeptFields): ScrubbedDelivery {
  const found: FoundInField[] = [];
  const text = bytes.toString("utf8");
  let parsed: unknown;
  try {
    parsed = kept.read === undefined ? JSON.parse(text) : kept.read(text);
  } catch {
    const scan = maskCardData(cleanText(text.slice(0, LONGEST_UNREAD)));
    for (const kind of scan.found) found.push({ field: "body", kind });
    return { body: scan.text, found };
  }
  return scrubValue(parsed, kept);
}

/** The same for a value that is parsed already. */
export function scrubValue(value: unknown, kept: KeptFields): ScrubbedDelivery {
  const found: FoundInField[] = [];
  const clean = walk(value, "", { kept, found, path: "", depth: 0 });
  return { body: JSON.stringify(clean ?? {}), found };
}

type Place = { kept: KeptFields; found: FoundInField[]; path: string; depth: number };

/** The value as it may rest, or undefined when it must go. Also what goes is looked through for card data. */
function walk(value: unknown, name: string, place: Place): unknown {
  if (typeof value !== "object" || value === null) return leaf(value, name, place);
  if (place.depth >= DEEPEST) return undefined;
  const inner = (key: string) => ({
    ...place,
    path: place.path === "" ? key : `${place.path}.${key}`,
    depth: place.depth + 1,
  });
  if (Array.isArray(value)) {
    const list = value.slice(0, 200).map((item) => walk(item, name, inner(name)));
    return list.filter((item) => item !== undefined);
  }
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const kept = walk(item, key, inner(key));
    if (kept !== undefined && key !== "__proto__") out[maskCardData(key).text] = kept;
  }
  return Object.keys(out).length === 0 && place.depth > 0 ? undefined : out;
}

function leaf(value: unknown, name: string, place: Place): unknown {
  const { keeps } = place.kept;
  const keep = keeps === "all" || keeps.has(name);
  if (typeof value === "string") return textLeaf(value, name, { ...place, keep });
  if (typeof value === "number" && value >= 1e12) {
    const scan = maskCardData(String(value));
    for (const kind of scan.found) place.found.push({ field: place.path, kind });
    return keep ? (scan.found.length > 0 ? scan.text : value) : undefined;
  }
  return keep ? value : undefined;
}

function textLeaf(value: string, name: string, place: Place & { keep: boolean }): unknown {
  if (place.kept.storedValue.has(name)) return maskStoredValue(value);
  if (place.kept.keeps !== "all" && /email/i.test(name)) return emailDigest(value);
  if (isSecurityCode(name, value)) {
    place.found.push({ field: place.path, kind: "cvv" });
    return undefined;
  }
  if (isArticleNumber(name, value)) return place.keep ? value.trim() : undefined;
  const scan = maskCardData(cleanText(value));
  for (const kind of scan.found) place.found.push({ field: place.path, kind });
  return place.keep ? scan.text : undefined;
}
