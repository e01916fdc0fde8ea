// A merchant's lists: which values are on them, from when until when. Pure.
import { type ListLookup, STANDARD_LISTS } from "../plan.ts";
import type { Lists } from "../sql/leaf-sql.ts";

/** A change of one entry that counts from `from` on. `until`: UTC ms, null = no end. What comes off the list: `listed: false`. */
export type ListChange = {
  seq: number;
  from: number;
  list: string;
  value: string;
  listed: boolean;
  until: number | null;
};

/** A stretch in which a value is on a list: from included, until not. `seq`: the change that put it there. */
type Stretch = { seq: number; from: number; until: number };

export type ListBook = {
  /** The change that has the value on the list at that time, or undefined. Case does not matter. */
  entryAt(list: string, value: string, ts: number): number | undefined;
  has: ListLookup;
  /** The same for statements. */
  forSql: Lists;
  names: ReadonlySet<string>;
};

/** In: changes in order of seq. A later change of the same value ends the stretch before it. */
export function listBook(changes: readonly ListChange[]): ListBook {
  const book = new Map<string, Map<string, Stretch[]>>();
  for (const { seq, from, list, value, listed, until } of changes) {
    const values = book.get(list) ?? new Map<string, Stretch[]>();
    book.set(list, values);
    const key = value.toLowerCase();
    const stretches = values.get(key) ?? [];
    values.set(key, stretches);
    const last = stretches.at(-1);
    if (last !== undefined) last.until = Math.min(last.until, from);
    if (listed) stretches.push({ seq, from, until: until ?? Number.POSITIVE_INFINITY });
  }
  const entryAt: ListBook["entryAt"] = (list, value, ts) =>
    book
      .get(list)
      ?.get(value.toLowerCase())
      ?.find(({ from, until }) => from <= ts && ts < until)?.seq;
  return {
    entryAt,
    has: (list, value, ts) => entryAt(list, value, ts) !== undefined,
    forSql: new Map([...book].map(([list, values]) => [list, entriesOf(values)])),
    names: new Set([...STANDARD_LISTS, ...book.keys()]),
  };
}

function entriesOf(values: ReadonlyMap<string, readonly Stretch[]>) {
  return [...values].flatMap(([value, stretches]) =>
    stretches
      .filter(({ from, until }) => from < until)
      .map(({ from, until }) => ({ value, from, until: Number.isFinite(until) ? until : null })),
  );
}

/** The look-up that statements' entries mean. */
export function lookupIn(lists: Lists): ListLookup {
  const book = new Map(
    [...lists].map(([list, entries]) => [
      list,
      Map.groupBy(entries, ({ value }) => value.toLowerCase()),
    ]),
  );
  return (list, value, ts) =>
    book
      .get(list)
      ?.get(value.toLowerCase())
      ?.some(({ from, until }) => from <= ts && (until === null || ts < until)) === true;
}
