// Cuts SQL that the engine itself has formatted into tokens; anything that its formatter never writes is a fault.
import { AppError } from "../../core/errors.ts";

/** `name`: an identifier or keyword, quoted or not, as it stands between the quotes. `at`: where it begins in the text. */
export type Token = { kind: "name" | "string" | "number" | "mark"; text: string; at: number };

const PIECE =
  /(?<blank>\s+)|(?<string>'(?:[^'\\]|\\[\s\S])*')|(?<quoted>`(?:[^`\\]|\\[\s\S])*`|"(?:[^"\\]|\\[\s\S])*")|(?<name>[A-Za-z_]\w*)|(?<number>\d\w*)|(?<comment>--|\/\*|#)|(?<mark>[^\s\w'"`$])/y;

/** Throws SQL_REFUSED for a comment, an open quote and signs outside of quotes that SQL does not know. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  const piece = new RegExp(PIECE);
  while (piece.lastIndex < sql.length) {
    const at = piece.lastIndex;
    const groups = piece.exec(sql)?.groups;
    if (groups === undefined || groups.comment !== undefined) {
      throw new AppError("SQL_REFUSED", `The statement cannot be read at character ${at + 1}.`);
    }
    const { string, quoted, name, number, mark } = groups;
    if (string !== undefined) tokens.push({ kind: "string", text: string, at });
    else if (quoted !== undefined) tokens.push({ kind: "name", text: nameIn(quoted), at });
    else if (name !== undefined) tokens.push({ kind: "name", text: name, at });
    else if (number !== undefined) tokens.push({ kind: "number", text: number, at });
    else if (mark !== undefined) tokens.push({ kind: "mark", text: mark, at });
  }
  return tokens;
}

function nameIn(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\([\s\S])/g, "$1");
}
