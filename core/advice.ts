// What a rule's author says to the person who will read the alert, beside what the finding measured.

/** From the rule's file. Texts are plain sentences; `null` where the author gave none. */
export type Advice = {
  /** Why such a thing matters, one sentence. */
  why: string | null;
  /** One to three acts, most useful first. */
  do_now: readonly string[];
  /** Honest causes that look the same. */
  explains: readonly string[];
  /** How long later findings on the same subject add to the same alert; null = the default. */
  cooldown_ms: number | null;
};

/** Looks up the advice of a rule by its `name`; undefined for one that this version does not know. */
export type Advise = (rule: string) => Advice | undefined;
