// Which rules can match an event at all, by the literals that they cannot match without.
import type { DetectionPlan } from "../plan.ts";
import { buildLiteralIndex, type LiteralIndex } from "./literal-index.ts";
import {
  ANY_FIELD,
  foldForIndex,
  frequency,
  type Literal,
  neededLiterals,
  possibleLiterals,
} from "./needs.ts";
import type { Sight } from "./sight.ts";

export type RuleIndex = {
  /** Places of the rules that the open event may meet, ascending. */
  candidates(): number[];
  indexed: number;
  literals: number;
};

/** Folded texts with the rules that wait for them. */
type Waiting = { is: Map<string, number[]>; in: Map<string, number[]> };
type FieldIndex = { exact: Map<string, number[]>; inside: LiteralIndex; rules: number[][] };

/** Rules that need no literal are candidates always. */
export function indexRules(plans: readonly DetectionPlan[], sight: Sight): RuleIndex {
  const cost = costByCrowd(plans);
  const always: number[] = [];
  const waiting = new Map<string, Waiting>();
  let literals = 0;
  for (const [place, plan] of plans.entries()) {
    const needs = neededLiterals(plan.where, cost);
    if (needs === undefined || needs.some((need) => need.text === "" && need.how === "in")) {
      always.push(place);
      continue;
    }
    for (const need of needs) if (wait(waiting, need, place)) literals += 1;
  }
  const anywhere = waiting.get(ANY_FIELD);
  waiting.delete(ANY_FIELD);
  const fields: (FieldIndex | undefined)[] = [];
  for (const [field, of] of waiting) fields[sight.place(field)] = fieldIndex(of);
  return {
    candidates: collector(sight, {
      fields,
      anywhere: anywhere === undefined ? undefined : fieldIndex(anywhere),
      always,
      count: plans.length,
    }),
    indexed: plans.length - always.length,
    literals,
  };
}

/** What many rules name, such as a program, most events hold too: the crowd makes a literal a worse choice. */
function costByCrowd(plans: readonly DetectionPlan[]): (literal: Literal) => number {
  const crowd = new Map<string, number>();
  const key = ({ field, how, text }: Literal) => `${field}\0${how}\0${text}`;
  for (const plan of plans) {
    for (const one of new Set(possibleLiterals(plan.where).map(key))) {
      crowd.set(one, (crowd.get(one) ?? 0) + 1);
    }
  }
  return (literal) => frequency(literal) * (1 + (crowd.get(key(literal)) ?? 0));
}

/** True for a literal that nobody waited for yet. */
function wait(waiting: Map<string, Waiting>, { field, how, text }: Literal, place: number) {
  const of: Waiting = waiting.get(field) ?? { is: new Map(), in: new Map() };
  waiting.set(field, of);
  const list = of[how].get(text);
  if (list === undefined) of[how].set(text, [place]);
  else if (list.at(-1) !== place) list.push(place);
  return list === undefined;
}

function fieldIndex(of: Waiting): FieldIndex {
  const texts = [...of.in.keys()];
  return {
    exact: of.is,
    inside: buildLiteralIndex(texts.map((text, literal) => ({ text, literal }))),
    rules: [...of.in.values()],
  };
}

type Indexed = {
  fields: readonly (FieldIndex | undefined)[];
  anywhere: FieldIndex | undefined;
  always: readonly number[];
  count: number;
};

function collector(sight: Sight, { fields, anywhere, always, count }: Indexed): () => number[] {
  const isFound = new Uint8Array(count);
  let found: number[] = [];
  const note = (places: readonly number[]) => {
    for (const place of places) {
      if (isFound[place] === 1) continue;
      isFound[place] = 1;
      found.push(place);
    }
  };
  const look = (index: FieldIndex, text: string) => {
    if (index.exact.size > 0) {
      const exact = index.exact.get(text);
      if (exact !== undefined) note(exact);
    }
    index.inside.find(text, (literal) => note(index.rules[literal] ?? []));
  };
  const lookIn = (index: FieldIndex, value: unknown) => {
    if (typeof value === "string" || typeof value === "number") {
      look(index, foldForIndex(String(value)));
    } else if (Array.isArray(value)) for (const one of value) lookIn(index, one);
  };
  const lookAt = (index: FieldIndex, place: number) => {
    const text = sight.folded(place);
    if (text === undefined) lookIn(index, sight.read(place));
    else look(index, text.includes("\u017f") ? foldForIndex(text) : text);
  };
  return () => {
    found = [];
    note(always);
    for (const place of sight.present()) {
      const index = fields[place];
      if (index !== undefined) lookAt(index, place);
      if (anywhere !== undefined) lookAt(anywhere, place);
    }
    if (anywhere !== undefined) for (const value of sight.others()) lookIn(anywhere, value);
    for (const place of found) isFound[place] = 0;
    return found.sort((a, b) => a - b);
  };
}
