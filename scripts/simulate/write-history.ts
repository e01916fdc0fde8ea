// Writes simulated days to files, as fast as the disk takes them, without holding them in memory.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { type HistoryOptions, simulateHistory } from "./history.ts";

/** `out` and `labels` are paths; `-` as `out` is the stream given as `stdout`. */
export type Files = { out: string; labels: string | undefined; stdout: Writable };

export type Written = {
  events: number;
  attackEvents: number;
  attacks: string[];
  fromMs: number;
  toMs: number;
};

const CHUNK = 1 << 18;

type Sink = { write(line: string): Promise<void>; close(): Promise<void> };

function openSink(path: string, stdout: Writable): Sink {
  const stream: Writable = path === "-" ? stdout : createWriteStream(path);
  let text = "";
  // A path that cannot be opened fails before anything is waited for.
  let fault: Error | undefined;
  stream.once("error", (error: Error) => {
    fault = error;
  });
  const flush = async () => {
    if (fault !== undefined) throw fault;
    const chunk = text;
    text = "";
    if (chunk !== "" && !stream.write(chunk)) await once(stream, "drain");
  };
  return {
    async write(line) {
      text += line;
      if (text.length >= CHUNK) await flush();
    },
    async close() {
      await flush();
      if (path === "-") return;
      stream.end();
      await finished(stream);
    },
  };
}

/**
 * Writes one JSON event a line to `out`, and to `labels` one line `{event_id, attack, id, detection}` per attack event.
 * Rejects with the file system's error when a file cannot be written.
 */
export async function writeHistory(
  options: HistoryOptions,
  files: Files,
  detectionOf: (attack: string) => string,
): Promise<Written> {
  const out = openSink(files.out, files.stdout);
  const labels = files.labels === undefined ? undefined : openSink(files.labels, files.stdout);
  const written: Written = {
    events: 0,
    attackEvents: 0,
    attacks: [],
    fromMs: options.fromMs,
    toMs: options.toMs,
  };
  for (const { draft, label } of simulateHistory(options)) {
    written.events += 1;
    await out.write(`${JSON.stringify(draft)}\n`);
    if (label === undefined) continue;
    written.attackEvents += 1;
    if (!written.attacks.includes(label.attack)) written.attacks.push(label.attack);
    const truth = { event_id: draft.event_id, ...label, detection: detectionOf(label.attack) };
    await labels?.write(`${JSON.stringify(truth)}\n`);
  }
  await out.close();
  await labels?.close();
  return written;
}
