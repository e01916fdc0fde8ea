// One file of the spool: open and growing, or sealed. Its name is the token under which ClickHouse takes it once.
import { join } from "node:path";
import type { SpoolFiles } from "./files.ts";

const ROWS = ".rows";
/** In the middle of being split, since a row was refused: never to be sent whole again. */
const SPLIT = ".split";

/** `bytes` and `rows` are what is synced; more may lie behind in the file, and does not count. `sinceMs` = its first row. */
export type Segment = {
  name: string;
  folder: string;
  split: boolean;
  bytes: number;
  rows: number;
  sinceMs: number;
};
export type OpenSegment = Segment & { file: number };

export function segmentPath({ folder, name, split }: Segment): string {
  return join(folder, name + (split ? SPLIT : ROWS));
}

/** A new empty file. The folder's own entry is not synced yet: see `syncFolder`. */
export function createSegment(
  files: SpoolFiles,
  folder: string,
  name: string,
  nowMs: number,
): OpenSegment {
  const segment = { name, folder, split: false, bytes: 0, rows: 0, sinceMs: nowMs };
  return { ...segment, file: files.create(segmentPath(segment)) };
}

/** Marks a sealed file as being split; survives a restart, so that no row comes in by two tokens. */
export async function markSplit(files: SpoolFiles, segment: Segment): Promise<void> {
  if (segment.split) return;
  const whole = segmentPath(segment);
  segment.split = true;
  files.rename(whole, segmentPath(segment));
  await files.syncFolder(segment.folder);
}

/** What a former run left, oldest first. A torn last line was never acknowledged and is cut; empty files go. */
export function leftSegments(files: SpoolFiles, folder: string): Segment[] {
  const left: Segment[] = [];
  for (const file of files.list(folder).sort()) {
    const split = file.endsWith(SPLIT);
    if (!split && !file.endsWith(ROWS)) continue;
    const path = join(folder, file);
    const content = files.read(path);
    const bytes = content.lastIndexOf(0x0a) + 1;
    if (bytes === 0) {
      files.remove(path);
      continue;
    }
    if (bytes < content.length) files.cutPath(path, bytes);
    left.push({
      name: file.slice(0, -(split ? SPLIT : ROWS).length),
      folder,
      split,
      bytes,
      rows: countLines(content.subarray(0, bytes)),
      sinceMs: files.modifiedMs(path),
    });
  }
  return left;
}

function countLines(content: Buffer): number {
  let lines = 0;
  for (let at = content.indexOf(0x0a); at !== -1; at = content.indexOf(0x0a, at + 1)) lines += 1;
  return lines;
}
