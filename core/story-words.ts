// The words in which an alert is told, by language: each is a file of its own.
import type { EventType } from "./event-fields.ts";
import type { RuleWords } from "./rule-words/rule-words.ts";
import { GERMAN_STORY } from "./story-words-de.ts";
import { ENGLISH_STORY, type Noun, type StoryWords } from "./story-words-en.ts";

const CATALOGUE = { en: ENGLISH_STORY, de: GERMAN_STORY } as const;

/** Languages that mails are written in. */
export const TONGUES = Object.keys(CATALOGUE) as (keyof typeof CATALOGUE)[];
export type Tongue = keyof typeof CATALOGUE;

/** The language that we write for one with this tag, by its first part; English where we have none. */
export function tongueOf(language: string): Tongue {
  const first = language.split("-")[0]?.toLowerCase();
  return TONGUES.find((tongue) => tongue === first) ?? "en";
}

export function storyWords(language: string): StoryWords {
  return CATALOGUE[tongueOf(language)];
}

/** What a rule says in a language; undefined where only its file speaks. */
export function ruleWords(language: string, rule: string): RuleWords | undefined {
  const { rules } = storyWords(language);
  return Object.hasOwn(rules, rule) ? rules[rule] : undefined;
}

/** Of the pages, which are in English. */
export const LEVEL_WORDS = ENGLISH_STORY.levels;

/** The noun for an act. In: event type, and the fields that a rule looked at. An unknown type is named as it is. */
export function actNoun(
  type: string,
  fields: Readonly<Record<string, string>>,
  words: StoryWords,
): Noun {
  for (const [key, noun] of Object.entries(words.telling)) {
    const [told, field = "", value] = key.split(".");
    if (told === type && fields[field] === value) return noun;
  }
  return words.acts[type as EventType] ?? [type.replaceAll("_", " "), type.replaceAll("_", " ")];
}
