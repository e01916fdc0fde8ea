import { expect, it } from "vitest";
import { ruleWords, storyWords, TONGUES } from "../core/story-words.ts";
import { loadCatalogue } from "./catalogue.ts";

const { rules } = loadCatalogue();
const OTHERS = TONGUES.filter((tongue) => tongue !== "en");

function placeholders(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name))
    .sort();
}

it.each(OTHERS)(
  "each rule that speaks has a title, as many acts and as many causes in %s",
  (tongue) => {
    const wanted: unknown[] = [];
    const given: unknown[] = [];
    for (const { name, doNow, elseExplains } of rules) {
      const words = ruleWords(tongue, name);
      wanted.push([name, true, doNow.length, elseExplains.length, placeholders(doNow)]);
      given.push([
        name,
        (words?.title ?? "") !== "",
        words?.doNow.length,
        words?.explains.length,
        placeholders(words?.doNow ?? []),
      ]);
    }
    expect(given).toEqual(wanted);
  },
);

it.each(OTHERS)("no words in %s are left of a rule that is gone", (tongue) => {
  const names = new Set(rules.map(({ name }) => name));
  expect(Object.keys(storyWords(tongue).rules).filter((name) => !names.has(name))).toEqual([]);
});
