// The words of mails and of the pages behind their links, by language.
import { tongueOf } from "../../core/story-words.ts";
import { GERMAN_MAIL } from "./words-de.ts";
import { ENGLISH_MAIL, type MailWords } from "./words-en.ts";

const CATALOGUE = { en: ENGLISH_MAIL, de: GERMAN_MAIL } as const;

/** The words of a language, by its first part; English where we have none. */
export function mailWords(language: string): MailWords {
  return CATALOGUE[tongueOf(language)];
}
