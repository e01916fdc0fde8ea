// The text part of an alert's mail: the same facts in the same order as the HTML.
import type { StoryRow } from "../../core/alert-story.ts";
import { fill } from "../../core/fill.ts";
import type { AlertMailView } from "./alert-mail-view.ts";
import { wrapText } from "./wrap-text.ts";

export function alertMailText(view: AlertMailView): string {
  const { story, words } = view;
  const blocks = [
    ...(view.demo === null ? [] : [`*** ${view.demo} ***`]),
    `${story.level.toUpperCase()}: ${story.headline}`,
    view.greeting,
    story.sentence,
    section(words.why, [...story.why.map(item), ...ruleNote(view)]),
    section(words.evidence, evidence(view)),
    section(
      words.doNow,
      story.doNow.map((text, n) => wrapText(`${n + 1}. ${text}`, "   ")),
    ),
    `${words.button}:\n${view.link}`,
    ...(view.acts.length === 0 ? [] : [section(words.answer, answers(view))]),
    section(words.explains, story.explains.map(item)),
    ...(story.meaning === null ? [] : [section(words.meaning, [wrapText(story.meaning)])]),
    `-- \n${wrapText(view.judgement)}\n${wrapText(view.reason)}`,
  ];
  return `${blocks.map((block) => (block.includes("\n") ? block : wrapText(block))).join("\n\n")}\n`;
}

function section(title: string, lines: string[]): string {
  return [title.toUpperCase(), ...lines].join("\n");
}

function answers({ acts, words }: AlertMailView): string[] {
  return [...acts.flatMap(({ text, href }) => [`${text}:`, href]), wrapText(words.answerNote)];
}

function ruleNote({ ruleNote, story }: AlertMailView): string[] {
  return ruleNote === "" || story.why.length === 0 ? [] : [wrapText(`(${ruleNote})`)];
}

function item(text: string): string {
  return wrapText(`- ${text}`, "  ");
}

function evidence({ story, words }: AlertMailView): string[] {
  const keys = shownColumns(story.rows);
  const widths = new Map(
    keys.map((key) => [key, Math.max(...story.rows.map((row) => [...row[key]].length))]),
  );
  const lines = story.rows.map((row) =>
    keys
      .map((key) => {
        const gap = " ".repeat((widths.get(key) ?? 0) - [...row[key]].length);
        return key === "amount" ? gap + row[key] : row[key] + gap;
      })
      .join("  ")
      .trimEnd(),
  );
  if (story.hidden > 0) lines.push(fill(words.hidden, { count: story.hidden }));
  return lines.map((line) => `  ${line}`);
}

/** Columns in which at least one row says something. */
export function shownColumns(rows: readonly StoryRow[]): (keyof StoryRow)[] {
  const all = ["time", "act", "amount", "person", "card"] as const;
  return all.filter((key) => rows.some((row) => row[key] !== ""));
}
