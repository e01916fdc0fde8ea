// Turns the engine's lines (names, types, then a JSON array each row) into one JSON value, cut at a bound. Streams.
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { AppError } from "../../core/errors.ts";

/** Yields the pieces of `{"columns":[{name,type}…],"rows":[[…]…],"truncated":bool}`. Numbers stay as the engine wrote them. */
export async function* resultJson(
  bytes: Readable,
  most: { rows: number; bytes: number },
): AsyncGenerator<string> {
  // Lines come without their break; JSON has none inside.
  const lines = createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY });
  let failed: unknown;
  bytes.once("error", (error) => {
    failed = error;
    lines.close();
  });
  let [names, head, rows, sent, truncated] = [undefined as string | undefined, false, 0, 0, false];
  for await (const line of lines) {
    if (names === undefined) names = line;
    else if (!head) {
      head = true;
      yield `{"columns":${columnsOf(names, line)},"rows":[`;
    } else if (rows === most.rows || sent + line.length > most.bytes) {
      truncated = true;
      break;
    } else {
      yield rows === 0 ? `\n${line}` : `,\n${line}`;
      rows += 1;
      sent += line.length;
    }
  }
  bytes.destroy();
  if (failed !== undefined) {
    throw new AppError("STORE_UNAVAILABLE", "The answer broke off.", { cause: failed });
  }
  yield head ? `],"truncated":${truncated}}\n` : `{"columns":[],"rows":[],"truncated":false}\n`;
}

function columnsOf(names: string, types: string): string {
  const type = JSON.parse(types) as string[];
  const columns = (JSON.parse(names) as string[]).map((name, nth) => ({ name, type: type[nth] }));
  return JSON.stringify(columns);
}
