// Breaks the lines of a mail's text part, so that no program breaks them in the middle of a list.

const WIDTH = 66;

/** Lines after the first begin with `indent`. A word that is longer than a line stays whole: it may be an address. */
export function wrapText(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.join("\n");
}
