// Generated text stands between two comments of a page that people write; only what lies between them is ours to change.

const open = (name: string) => `<!-- made by npm run docs: ${name} -->`;
const close = (name: string) => `<!-- end: ${name} -->`;

/** The page with the section's text put between its markers. Throws when the page lacks them. */
export function putSection(page: string, name: string, text: string): string {
  const from = page.indexOf(open(name));
  const to = page.indexOf(close(name));
  if (from < 0 || to < from) {
    throw new Error(`The page has no place for "${name}": ${open(name)} and ${close(name)}.`);
  }
  return `${page.slice(0, from + open(name).length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}

/** A Markdown table. Cells lose their line breaks; a bar in one does not end it, nor a `<` begin a tag. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("\n", " ").replaceAll("|", "\\|").replaceAll("<", "&lt;")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
