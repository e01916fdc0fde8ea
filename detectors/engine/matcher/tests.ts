// Each test of a field, compiled once for all rules and made at most once an event.
import type { FieldValue } from "../../../core/event.ts";
import { compileTest } from "../live/match.ts";
import type { GlobPart, ListLookup, Test } from "../plan.ts";
import { compileGlob } from "../read/glob.ts";
import type { Sight, Value } from "./sight.ts";

export type Tests = {
  once(field: string, test: Test): () => boolean;
  keyword(glob: readonly GlobPart[], cased: boolean): () => boolean;
  count(): number;
};

export function newTests(sight: Sight, lists: ListLookup | undefined): Tests {
  const known = new Map<string, () => boolean>();
  const memo = (key: string, make: () => () => boolean): (() => boolean) => {
    const made = known.get(key);
    if (made !== undefined) return made;
    const test = make();
    let at = -1;
    let answer = false;
    const once = () => {
      if (at !== sight.round()) {
        answer = test();
        at = sight.round();
      }
      return answer;
    };
    known.set(key, once);
    return once;
  };
  return {
    once: (field, test) =>
      memo(JSON.stringify([field, test]), () => {
        const place = sight.place(field);
        const ofOne = compileOne(test, sight, lists);
        const ofText = compileFolded(test);
        return () => {
          const value = sight.read(place);
          if (Array.isArray(value)) return value.some(ofOne);
          if (ofText === undefined) return ofOne(value as FieldValue | undefined);
          const text = sight.folded(place);
          return text !== undefined && ofText(text);
        };
      }),
    keyword: (glob, cased) =>
      memo(JSON.stringify(["", glob, cased]), () => {
        const fits = compileGlob(glob, cased);
        const passes = (value: Value): boolean =>
          typeof value === "string" ? fits(value) : Array.isArray(value) && value.some(passes);
        return () => {
          for (const value of sight.event().values()) if (passes(value)) return true;
          return false;
        };
      }),
    count: () => known.size,
  };
}

/** Tests that fold case read the folded text; undefined for the others. */
function compileFolded(test: Test): ((folded: string) => boolean) | undefined {
  if (test.op === "like" && !test.cased) {
    const low = test.glob.map((part) => (typeof part === "string" ? part.toLowerCase() : part));
    return compileGlob(low, true);
  }
  if (test.op === "is" && !test.cased && typeof test.value !== "boolean") {
    const wanted = String(test.value).toLowerCase();
    return (text) => text === wanted;
  }
  return undefined;
}

/** A number meets text tests by its canonical decimal text. */
const asText = (value: FieldValue | undefined) =>
  typeof value === "number" ? String(value) : value;

function compileOne(
  test: Test,
  sight: Sight,
  lists: ListLookup | undefined,
): (value: FieldValue | undefined) => boolean {
  if (test.op === "field") {
    const place = sight.place(test.other);
    return (value) => {
      const other = sight.read(place);
      if (!Array.isArray(other)) return meetsField(test, value, other as FieldValue | undefined);
      return other.some((one) => meetsField(test, value, one));
    };
  }
  if (test.op === "list") {
    return (value) =>
      value !== undefined &&
      typeof value !== "boolean" &&
      lists?.(test.list, String(value), sight.ts()) === true;
  }
  const passes = compileTest(test);
  const textual = test.op === "re" || test.op === "like";
  return (value) => passes(textual ? asText(value) : value, undefined, undefined);
}

function meetsField(
  test: Test & { op: "field" },
  value: FieldValue | undefined,
  other: FieldValue | undefined,
): boolean {
  const holder = { other } as never;
  return compileTest({ ...test, other: "other" })(value, holder, undefined);
}
