// Which rules an event could match at all: each rule is found by one literal, or set of them, that it cannot match without.
import type { FieldValue } from "../../../core/event.ts";
import type { Expr } from "../plan.ts";
import { everyNeedle, type Needle, needleKey, needlesOf } from "./needles.ts";
import { indexTexts, type TextIndex } from "./text-index.ts";
import { type Slots, type View, valueAt } from "./view.ts";

/** `candidates`: the numbers of rules that must be tried on the event; each once, in no order. */
export type RuleIndex = { candidates(view: View): readonly number[]; unindexed: number };

type Owners = Map<string, number[]>;
type Gathered = Record<Needle["how"], Owners>;
type FieldIndex = {
  slot: number;
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
  const anywhere = fields.get(undefined);
  fields.delete(undefined);
  const keywords = anywhere === undefined ? [] : [keywordIndex(anywhere)];
  const byField = [...fields].map(([field, gathered]) =>
    fieldIndex(slots.of(field ?? ""), gathered),
  );
  return {
    candidates: finder({
      count: rules.length,
      always,
      byField,
      keywords: keywords.filter((one) => one !== undefined),
    }),
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

function fieldIndex(slot: number, gathered: Gathered): FieldIndex {
  const texts = (["in", "start", "end"] as const).map((how) => indexTexts(gathered[how], how));
  const present = gathered.present.get("");
  return {
    slot,
    is: new Map([...gathered.is].map(([text, owners]) => [text, Int32Array.from(owners)])),
    texts: texts.filter((one) => one !== undefined),
    present: present === undefined ? undefined : Int32Array.from(present),
  };
}

/** Keywords are looked for anywhere in a text, wherever in it their own pattern wants them. */
function keywordIndex(gathered: Gathered): TextIndex | undefined {
  const all: Owners = new Map();
  for (const how of ["is", "start", "end", "in"] as const) {
    for (const [text, owners] of gathered[how]) {
      all.set(text, [...(all.get(text) ?? []), ...owners]);
    }
  }
  all.delete("");
  return indexTexts(all, "in");
}

function finder(of: {
  count: number;
  always: readonly number[];
  byField: readonly FieldIndex[];
  keywords: readonly TextIndex[];
}): RuleIndex["candidates"] {
  const { always, byField, keywords } = of;
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
    for (const field of byField) {
      const value = valueAt(view, field.slot);
      if (value !== undefined) lookUp(field, value, take);
    }
    for (const index of keywords) lookAnywhere(index, view, take);
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

function lookAnywhere(index: TextIndex, view: View, take: Take): void {
  for (const value of view.event.values()) {
    if (typeof value === "string") index(value, take);
    else if (typeof value === "object") {
      for (const one of value) if (typeof one === "string") index(one, take);
    }
  }
}
