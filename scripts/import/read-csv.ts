// Reads CSV (RFC 4180) from a stream of text: quotes, doubled quotes, line ends inside quotes; a wrong quote is told with its line.
import { AppError } from "../../core/errors.ts";

/** `line`: where the record begins, from 1. */
export type CsvRecord = { line: number; cells: string[] };

const MOST_CHARS = 1_000_000;

/** Records one by one; empty lines are left out. Throws REQUEST_INVALID with the line of a quote that never ends or ends wrongly. */
export async function* readCsv(
  chunks: AsyncIterable<string>,
  separator = ",",
): AsyncGenerator<CsvRecord> {
  const reader = new CsvReader(separator);
  for await (const chunk of chunks) yield* reader.take(chunk);
  yield* reader.end();
}

class CsvReader {
  readonly #separator: string;
  #line = 1;
  #startLine = 1;
  #cells: string[] = [];
  #cell = "";
  /** plain: outside quotes; quoted: inside; closed: behind a closing quote. */
  #state: "plain" | "quoted" | "closed" = "plain";
  #last = "";

  constructor(separator: string) {
    this.#separator = separator;
  }

  *take(chunk: string): Generator<CsvRecord> {
    for (const char of chunk) {
      if (char === "\n" && this.#last === "\r") {
        this.#last = char;
        // The two make one line end; inside quotes they are text.
        if (this.#state === "quoted") this.#cell += char;
        continue;
      }
      this.#last = char;
      if (char === "\n" || char === "\r") this.#line += 1;
      if (this.#state === "quoted") this.#inQuotes(char);
      else yield* this.#outside(char);
    }
  }

  *end(): Generator<CsvRecord> {
    if (this.#state === "quoted") throw this.#fault("the quote that begins here never ends");
    yield* this.#endRecord();
  }

  #inQuotes(char: string): void {
    if (char === '"') this.#state = "closed";
    else this.#cell += char;
    if (this.#cell.length > MOST_CHARS) {
      throw this.#fault("a cell has over a million characters: is a quote missing?");
    }
  }

  *#outside(char: string): Generator<CsvRecord> {
    if (char === this.#separator) return this.#endCell();
    if (char === "\n" || char === "\r") return yield* this.#endRecord();
    if (char === '"' && this.#state === "closed") {
      this.#cell += '"';
      this.#state = "quoted";
    } else if (char === '"' && this.#cell === "") this.#state = "quoted";
    else if (this.#state === "closed") throw this.#fault("text behind a closing quote");
    else if (char === '"')
      throw this.#fault('a quote in the middle of a cell; write "" inside quotes');
    else this.#cell += char;
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = "";
    this.#state = "plain";
  }

  *#endRecord(): Generator<CsvRecord> {
    const isEmpty = this.#cells.length === 0 && this.#cell === "" && this.#state === "plain";
    const line = this.#startLine;
    this.#endCell();
    const cells = this.#cells;
    this.#cells = [];
    this.#startLine = this.#line;
    if (!isEmpty) yield { line, cells };
  }

  #fault(what: string): AppError {
    return new AppError("REQUEST_INVALID", `line ${this.#startLine}: ${what}.`);
  }
}
