// What a part needs of a logger: a fixed sentence and an object beside it. pino fits.

type Write = (fields: Record<string, unknown>, sentence: string) => void;

export type Log = { debug: Write; info: Write; warn: Write; error: Write };

/** For tests and one-shot tools. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
