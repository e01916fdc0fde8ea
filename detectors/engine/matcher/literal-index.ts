// Finds which of many literals a text holds, in one pass: four characters of each literal are looked up in a table.

/** Numbers of the literals found in a text (folded as they are), each at most once a call. */
export type LiteralIndex = { find(text: string, found: (literal: number) => void): void };

type Entry = { literal: number; text: string; offset: number };

const GRAM = 4;

type Table = { filled: Uint8Array; buckets: (Entry[] | undefined)[] };

/** The low bytes of the last four characters in one word; of its product 15 bits: the table fits the nearest cache. */
const SIZE = 32_768;
const shift = (word: number, code: number) => (word << 8) | (code & 0xff);
const slotOf = (word: number) => Math.imul(word, 0x9e3779b1) >>> 17;

/** `literals`: folded, not empty. */
export function buildLiteralIndex(
  literals: readonly { literal: number; text: string }[],
): LiteralIndex {
  const short = literals.filter(({ text }) => text.length < GRAM);
  const long = literals.filter(({ text }) => text.length >= GRAM);
  const table = fillTable(long);
  return {
    find(text, found) {
      for (const one of short) if (text.includes(one.text)) found(one.literal);
      if (long.length > 0) scan(table, text, found);
    },
  };
}

function fillTable(literals: readonly { literal: number; text: string }[]): Table {
  const buckets: Table["buckets"] = new Array(SIZE).fill(undefined);
  const filled = new Uint8Array(SIZE);
  for (const { literal, text } of literals) {
    const offset = bestGram(text, buckets);
    const slot = slotAt(text, offset);
    filled[slot] = 1;
    const bucket = buckets[slot];
    if (bucket === undefined) buckets[slot] = [{ literal, text, offset }];
    else bucket.push({ literal, text, offset });
  }
  return { filled, buckets };
}

function scan({ filled, buckets }: Table, text: string, found: (at: number) => void): void {
  const end = text.length;
  let word = 0;
  for (let at = 0; at < GRAM - 1 && at < end; at += 1) word = shift(word, text.charCodeAt(at));
  for (let at = GRAM - 1; at < end; at += 1) {
    word = (word << 8) | (text.charCodeAt(at) & 0xff);
    const slot = Math.imul(word, 0x9e3779b1) >>> 17;
    if (filled[slot] === 0) continue;
    for (const entry of buckets[slot] ?? []) {
      if (text.startsWith(entry.text, at - (GRAM - 1) - entry.offset)) found(entry.literal);
    }
  }
}

function slotAt(text: string, at: number): number {
  let word = 0;
  for (let i = at; i < at + GRAM; i += 1) word = shift(word, text.charCodeAt(i));
  return slotOf(word);
}

/** The place whose four characters fewest literals use so far, and that ordinary text holds least. */
function bestGram(text: string, buckets: Table["buckets"]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at + GRAM <= text.length; at += 1) {
    const crowd = buckets[slotAt(text, at)]?.length ?? 0;
    const gram = text.slice(at, at + GRAM);
    const plain = /^[a-z]+$/.test(gram) ? 1 : 0;
    const cost = crowd + plain + (COMMON.some((piece) => piece.includes(gram)) ? 8 : 0);
    if (cost < least) {
      best = at;
      least = cost;
    }
  }
  return best;
}

const COMMON = [
  "c:\\windows\\system32\\",
  ".exe",
  ".dll",
  "https://",
  "http://",
  "\\users\\",
  "program files",
];
