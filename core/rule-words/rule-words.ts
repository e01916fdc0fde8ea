// What a rule's author says, in another language than the rule's file; found by the rule's name.

/** As many acts and causes as the rule's file has, in its order; `{field}` as there. */
export type RuleWords = {
  title: string;
  doNow: readonly string[];
  explains: readonly string[];
};

/** Acts and causes stand in one text each, with ` | ` between them. */
export function say(title: string, doNow: string, explains: string): RuleWords {
  return { title, doNow: doNow.split(" | "), explains: explains.split(" | ") };
}
