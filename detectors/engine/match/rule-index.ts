// Which rules an event could match at all: each rule is found by one literal, or set of them, that it cannot match without.
import type { FieldValue } from "../../../core/event.ts";
import type { Expr } from "../plan.ts";
import { everyNeedle, type Needle, needleKey, needlesOf } from "./needles.ts";
import { indexTexts, type TextIndex } from "./text-index.ts";
import type { Slots, View } from "./view.ts";

/** `candidates`: the numbers of rules that must be tried on the event; each once, in no order. */
export type RuleIndex = { candidates(view: View): readonly number[]; unindexed: number };

type Owners = Map<string, number[]>;
type Gathered = Record<Needle["how"], Owners>;
type FieldIndex = {
  is: ReadonlyMap<string, Int32Array>;
  texts: readonly TextIndex[];
  present: Int32Array | undefined;
};

export function indexRules(rules: readonly Expr[], slots: Slots): RuleIndex {
  const always: number[] = [];
  const fields = new Map<string | undefined, Gathered>();
  const popularity = countNeedles(rules);
  for (const [rule, expr] of rules.entries()) {
    const needles = needlesOf(expr, popularity);
    if (needles === undefined) always.push(rule);
    for (const needle of needles ?? []) gather(fields, needle, rule);
  }
  const keywords = keywordTexts(fields.get(undefined));
  fields.delete(undefined);
  const bySlot: (FieldIndex | undefined)[] = [];
  for (const [field, gathered] of fields) {
    // One pass over a value finds its field's texts and the keywords.
    for (const [text, owners] of keywords) {
      gathered.in.set(text, [...(gathered.in.get(text) ?? []), ...owners]);
    }
    bySlot[slots.of(field ?? "")] = fieldIndex(gathered);
  }
  const elsewhere = indexTexts(keywords, "in");
  return {
    candidates: finder({ count: rules.length, always, bySlot, elsewhere }),
    unindexed: always.length,
  };
}

function countNeedles(rules: readonly Expr[]): Map<string, number> {
  const popularity = new Map<string, number>();
  for (const expr of rules) {
    for (const key of new Set([...everyNeedle(expr)].map(needleKey))) {
      popularity.set(key, (popularity.get(key) ?? 0) + 1);
    }
  }
  return popularity;
}

function gather(fields: Map<string | undefined, Gathered>, needle: Needle, rule: number): void {
  let gathered = fields.get(needle.field);
  if (gathered === undefined) {
    const none = (): Owners => new Map();
    gathered = { is: none(), start: none(), end: none(), in: none(), present: none() };
    fields.set(needle.field, gathered);
  }
  const owners = gathered[needle.how];
  const known = owners.get(needle.text);
  if (known === undefined) owners.set(needle.text, [rule]);
  else if (known.at(-1) !== rule) known.push(rule);
}

function fieldIndex(gathered: Gathered): FieldIndex {
  const texts = (["in", "start", "end"] as const).map((how) => indexTexts(gathered[how], how));
  const present = gathered.present.get("");
  return {
    is: new Map([...gathered.is].map(([text, owners]) => [text, Int32Array.from(owners)])),
    texts: texts.filter((one) => one !== undefined),
    present: present === undefined ? undefined : Int32Array.from(present),
  };
}

/** Keywords are looked for anywhere in a text, wherever in it their own pattern wants them. */
function keywordTexts(gathered: Gathered | undefined): Owners {
  const all: Owners = new Map();
  for (const how of ["is", "start", "end", "in"] as const) {
    for (const [text, owners] of gathered?.[how] ?? []) {
      all.set(text, [...(all.get(text) ?? []), ...owners]);
    }
  }
  return all;
}

function finder(of: {
  count: number;
  always: readonly number[];
  bySlot: readonly (FieldIndex | undefined)[];
  /** Keywords, for values of fields that have no index of their own. */
  elsewhere: TextIndex | undefined;
}): RuleIndex["candidates"] {
  const { always, bySlot, elsewhere } = of;
  const taken = new Float64Array(of.count);
  let number = 0;
  let found: number[] = [];
  const take = (owners: Int32Array) => {
    for (let i = 0; i < owners.length; i += 1) {
      const rule = owners[i] as number;
      if (taken[rule] === number) continue;
      taken[rule] = number;
      found.push(rule);
    }
  };
  return (view) => {
    number += 1;
    found = [...always];
    for (const slot of view.present) {
      const field = bySlot[slot];
      const value = view.values[slot] as Value;
      if (field !== undefined) lookUp(field, value, take);
      else if (elsewhere !== undefined) lookAnywhere(elsewhere, value, take);
    }
    if (elsewhere !== undefined) {
      for (const value of view.others) lookAnywhere(elsewhere, value, take);
    }
    return found;
  };
}

type Value = FieldValue | readonly FieldValue[];
type Take = (owners: Int32Array) => void;

function lookUp(field: FieldIndex, value: Value, take: Take): void {
  if (field.present !== undefined) take(field.present);
  if (typeof value !== "object") lookUpText(field, String(value), take);
  else for (const one of value) lookUpText(field, String(one), take);
}

function lookUpText({ is, texts }: FieldIndex, text: string, take: Take): void {
  if (is.size > 0) {
    const owners = is.get(text.toLowerCase());
    if (owners !== undefined) take(owners);
  }
  for (const index of texts) index(text, take);
}

function lookAnywhere(index: TextIndex, value: Value, take: Take): void {
  if (typeof value === "string") index(value, take);
  else if (typeof value === "object") {
    for (const one of value) if (typeof one === "string") index(one, take);
  }
}
