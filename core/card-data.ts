// Card numbers never rest anywhere: this finds and masks card numbers, track data and security codes in any text.
import { isCardNumber, maskCardNumber } from "./card-brands.ts";
import { type CardDataKind, type CardHit, findCodes, findTracks } from "./card-codes.ts";
import { isLookAlike } from "./card-look-alikes.ts";

/** `text` with card data masked, and what was found. `found` empty: `text` is the very text that came. */
export type CardScan = { text: string; found: readonly CardDataKind[] };

const NOTHING: readonly CardDataKind[] = [];
const LEAST_DIGITS = 13;
const MOST_DIGITS = 19;
const MOST_SEPARATORS = 3;

type Group = { from: number; to: number; digits: string };
/** Groups `first` to `last` of a run, both included. */
type Found = { first: number; last: number; digits: string };

/**
 * Masks card numbers, track data, and security codes beside a card number. Digits may be split by blanks (also
 * no-break, zero-width and encoded ones), dashes, dots and line breaks in any way, or by other marks in a card's usual
 * groups. Silent on what card-look-alikes.ts knows and on numbers without a scheme's prefix. About 0.1 µs where there
 * are few digits. What it lets through and what it masks in error: `npm run bench:scrub`.
 */
export function maskCardData(text: string): CardScan {
  if (!hasEnoughDigits(text)) return { text, found: NOTHING };
  const tracks = findTracks(text);
  const numbers = findNumbers(text).filter(
    (hit) => !tracks.some((track) => hit.from < track.to && track.from < hit.to),
  );
  const hits = [...tracks, ...numbers];
  if (hits.length === 0) return { text, found: NOTHING };
  hits.push(...findCodes(text, hits));
  hits.sort((a, b) => a.from - b.from);
  return { text: replaceAll(text, hits), found: [...new Set(hits.map((hit) => hit.kind))] };
}

/** Quick look: only a run of 13 digits without a letter or a wide gap between them is worth a closer one. */
function hasEnoughDigits(text: string): boolean {
  if (text.length < LEAST_DIGITS) return false;
  let digits = 0;
  let gap = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (digitAt(text, i) >= 0) {
      digits += 1;
      gap = 0;
      if (digits >= LEAST_DIGITS) return true;
      continue;
    }
    const encoded = encodedLength(text, i);
    if (encoded > 0) i += encoded - 1;
    gap += 1;
    if (gap > MOST_SEPARATORS || (encoded === 0 && isAsciiLetter(text.charCodeAt(i)))) digits = 0;
  }
  return false;
}

function isAsciiLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

/** The digit's value, or -1. Also full-width and Arabic-Indic digits: people paste them, and they would slip through. */
function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if (code >= 48 && code <= 57) return code - 48;
  if (code < 0x0660) return -1;
  if (code <= 0x0669) return code - 0x0660;
  if (code >= 0x06f0 && code <= 0x06f9) return code - 0x06f0;
  if (code >= 0xff10 && code <= 0xff19) return code - 0xff10;
  return -1;
}

/** A separator as HTML, an address or a JSON text within a text writes it: its own letters and digits belong to no number. */
const ENCODED =
  /&(?:nbsp|ensp|emsp|thinsp|shy|ndash|#160|#xa0|#32|#8209|#8211);|%(?:c2%a0|2[0de]|5f|09|0[ad])|\\+(?:u00a0|u00ad|u20[01][0-9a-f]|u202f|[nrt])/iy;
const EVERY_ENCODED = new RegExp(ENCODED.source, "gi");

/** How many characters such a separator has here; 0: none. */
function encodedLength(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code !== 38 && code !== 37 && code !== 92) return 0;
  ENCODED.lastIndex = at;
  return ENCODED.exec(text)?.[0].length ?? 0;
}

/** Runs of digit groups that stand close enough to be one number. */
function digitRuns(text: string): Group[][] {
  const runs: Group[][] = [];
  let run: Group[] = [];
  for (let at = 0; at < text.length; ) {
    if (digitAt(text, at) < 0) {
      at += Math.max(1, encodedLength(text, at));
      continue;
    }
    const group = readGroup(text, at);
    const before = run.at(-1);
    if (before === undefined || !isJoined(between(text, before, group))) {
      if (run.length > 0) runs.push(run);
      run = [];
    }
    run.push(group);
    at = group.to;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

function readGroup(text: string, from: number): Group {
  let digits = "";
  let to = from;
  for (let digit = digitAt(text, to); digit >= 0; digit = digitAt(text, to)) {
    digits += digit;
    to += 1;
  }
  return { from, to, digits };
}

const SEPARATORS = /^[^\p{L}\p{N}]{1,3}$/u;
const BLANK_OR_DASH = /^[\s.\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff]{1,3}$/;

/** What stands between two groups; an encoded separator as a blank. */
function between(text: string, left: Group, right: Group): string {
  const raw = text.slice(left.to, right.from);
  return raw.length > 1 ? raw.replace(EVERY_ENCODED, " ") : raw;
}

function isJoined(separator: string): boolean {
  return separator.length <= MOST_SEPARATORS && SEPARATORS.test(separator);
}

function findNumbers(text: string): CardHit[] {
  const hits: CardHit[] = [];
  for (const run of digitRuns(text)) {
    let cluster: Found[] = [];
    let reach = -1;
    for (let first = 0; first < run.length; first += 1) {
      if (first > reach && cluster.length > 0) {
        hits.push(clusterHit(run, cluster));
        cluster = [];
      }
      for (const found of numbersFrom(text, run, first)) {
        cluster.push(found);
        reach = Math.max(reach, found.last);
      }
    }
    if (cluster.length > 0) hits.push(clusterHit(run, cluster));
  }
  return hits;
}

/** All card numbers that begin with group `first`, short ones first. */
function numbersFrom(text: string, run: readonly Group[], first: number): Found[] {
  const found: Found[] = [];
  let digits = "";
  let loose = true;
  for (let last = first; last < run.length; last += 1) {
    const group = run[last] as Group;
    if (last > first) loose &&= BLANK_OR_DASH.test(between(text, run[last - 1] as Group, group));
    digits += group.digits;
    if (digits.length > MOST_DIGITS) break;
    if (!isCardNumber(digits)) continue;
    if (!loose && !isUsualGrouping(run.slice(first, last + 1))) continue;
    if (isLookAlike(text, (run[first] as Group).from, group.to, digits)) continue;
    if (!isPartOfList(text, run, first, last)) found.push({ first, last, digits });
  }
  return found;
}

/** 4-4-4-4, 4-4-4-4-3, 4-6-5, 4-6-4: as printed on cards. */
function isUsualGrouping(groups: readonly Group[]): boolean {
  const shape = groups.map((group) => group.digits.length).join("-");
  return /^4-4-4-[1-4](-[1-3])?$|^4-6-[45]$/.test(shape);
}

/** `[4676,3419,6146,3208,2927]` is a list of numbers: the same comma goes on before or behind what would be a card's groups. */
function isPartOfList(text: string, run: readonly Group[], first: number, last: number): boolean {
  const gap = (nth: number) => {
    const [left, right] = [run[nth], run[nth + 1]];
    return left && right ? between(text, left, right) : undefined;
  };
  const comma = gap(first);
  if (first === last || comma === undefined || !/^[,;] ?$/.test(comma)) return false;
  return (first > 0 && gap(first - 1) === comma) || gap(last) === comma;
}

/**
 * Numbers that overlap are masked as one, for nobody knows which of them is meant. Where the first may end sooner, what
 * follows may be its security code or expiry: that is hidden, and the last four are those of the shortest.
 */
function clusterHit(run: readonly Group[], cluster: readonly Found[]): CardHit {
  const first = Math.min(...cluster.map((found) => found.first));
  const last = Math.max(...cluster.map((found) => found.last));
  const shortest = cluster.find((found) => found.first === first) as Found;
  const behind = run.slice(shortest.last + 1, last + 1);
  const hidden = behind.reduce((sum, group) => sum + group.digits.length, 0);
  const [from, to] = [(run[first] as Group).from, (run[last] as Group).to];
  const mask = maskCardNumber(shortest.digits) + "*".repeat(hidden);
  const ends = cluster.map((found) => (run[found.last] as Group).to);
  return { from, to, mask, kind: "pan", ends };
}

function replaceAll(text: string, hits: readonly CardHit[]): string {
  let out = "";
  let at = 0;
  for (const hit of hits) {
    if (hit.from < at) continue;
    out += text.slice(at, hit.from) + hit.mask;
    at = hit.to;
  }
  return out + text.slice(at);
}
