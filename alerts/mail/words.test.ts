import { expect, it } from "vitest";
import { storyWords, TONGUES } from "../../core/story-words.ts";
import { mailWords } from "./words.ts";

/** Every text by its path. */
function texts(of: object, path = ""): [string, string][] {
  return Object.entries(of).flatMap(([key, value]: [string, unknown]): [string, string][] =>
    typeof value === "string"
      ? [[`${path}${key}`, value]]
      : texts(value as object, `${path}${key}.`),
  );
}

function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name = ""]) => name))].sort();
}

/** Rules' words are held against the rules' files, in `detectors/rule-words.test.ts`. */
function storyOf(tongue: string) {
  const { rules: _, ...story } = storyWords(tongue);
  return story;
}

const CATALOGUES = TONGUES.flatMap((tongue) => [
  { name: `${tongue}: mail`, given: mailWords(tongue), english: mailWords("en") },
  { name: `${tongue}: story`, given: storyOf(tongue), english: storyOf("en") },
]);

it.each(CATALOGUES)(
  "$name says everything that English says, with the same values in it",
  ({ given, english }) => {
    const values = (of: object) =>
      Object.fromEntries(texts(of).map(([path, text]) => [path, placeholders(text)]));
    expect(Object.keys(values(given)).length).toBeGreaterThan(80);
    expect(values(given)).toEqual(values(english));
  },
);

it.each(CATALOGUES)("$name leaves no text empty but the note on English rules", ({ given }) => {
  const empty = texts(given).filter(([, text]) => text.trim() === "");
  expect(empty.filter(([path]) => path !== "ruleLanguage")).toEqual([]);
});

it("German is no English", () => {
  const english = new Map([...texts(mailWords("en")), ...texts(storyOf("en"))]);
  const same = [...texts(mailWords("de")), ...texts(storyOf("de"))]
    .filter(
      ([path, text]) =>
        english.get(path) === text && /\p{L}{3,}/u.test(text.replace(/\{.*?\}/g, "")),
    )
    .map(([path]) => path);
  // "Info" is a German word too.
  expect(same).toEqual(["levels.informational"]);
});

it.each([
  ["de", "de"],
  ["de-AT", "de"],
  ["DE", "de"],
  ["fr", "en"],
  ["deu", "en"],
  ["", "en"],
])("a merchant of language %s reads %s", (language, tongue) => {
  expect(mailWords(language)).toBe(mailWords(tongue));
});
