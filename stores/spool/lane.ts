// One kind of rows on its way: the file that grows, and the sealed ones that the sender sends.
import { ulid } from "../../core/ids.ts";
import type { SpoolFiles } from "./files.ts";
import {
  createSegment,
  leftSegments,
  type OpenSegment,
  type Segment,
  segmentPath,
} from "./segment.ts";
import type { Sender } from "./sender.ts";

/** Seal when the file is this large, or this old while the sender has nothing to do. */
export type SealAt = { rows: number; bytes: number; ms: number };

export type LaneParts = {
  files: SpoolFiles;
  folder: string;
  now: () => number;
  sealAt: SealAt;
  makeSender(onIdle: () => void): Sender;
  /** No commit is under way, so that the open file may be sealed. */
  quiet(): boolean;
};

/** A commit is `write`, `sync`, and then either `keep` or `undo`: nothing counts before `keep`. */
export class Lane {
  readonly sender: Sender;
  readonly #parts: LaneParts;
  #open: (OpenSegment & { openedAt: number; named: boolean }) | undefined;
  #added = { bytes: 0, rows: 0 };
  #lastName = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Takes up what a former run left. */
  constructor(parts: LaneParts) {
    this.#parts = parts;
    parts.files.makeFolder(parts.folder);
    this.sender = parts.makeSender(() => this.sealIfDue());
    for (const segment of leftSegments(parts.files, parts.folder)) {
      this.#lastName = Math.max(this.#lastName, ulidMs(segment.name));
      this.sender.push(segment);
    }
  }

  write(bytes: Buffer, rows: number): void {
    const { files, folder, now } = this.#parts;
    if (this.#open === undefined) {
      const segment = createSegment(files, folder, this.#newName(), now());
      this.#open = { ...segment, openedAt: performance.now(), named: false };
    }
    this.#added = { bytes: bytes.length, rows };
    files.write(this.#open.file, bytes);
  }

  async sync(): Promise<void> {
    const { files, folder } = this.#parts;
    if (this.#open === undefined) return;
    await Promise.all([
      files.sync(this.#open.file),
      this.#open.named ? undefined : files.syncFolder(folder),
    ]);
    this.#open.named = true;
  }

  keep(): void {
    if (this.#open === undefined) return;
    this.#open.bytes += this.#added.bytes;
    this.#open.rows += this.#added.rows;
    this.#added = { bytes: 0, rows: 0 };
    const { rows, bytes } = this.#parts.sealAt;
    if (this.#open.rows >= rows || this.#open.bytes >= bytes) this.seal();
  }

  /**
   * Takes a failed commit back. Should the cut fail too, still only `bytes` of the file are sent. After a failed sync
   * the file's state is uncertain, so the next commit begins a new one.
   */
  undo(): void {
    this.#added = { bytes: 0, rows: 0 };
    if (this.#open === undefined) return;
    try {
      this.#parts.files.cut(this.#open.file, this.#open.bytes);
    } catch {
      // Said above: what lies behind `bytes` does not count.
    }
    this.seal();
  }

  /** Hands the open file to the sender. Only between commits. */
  seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#open === undefined) return;
    const { file, openedAt: _, named: __, ...segment } = this.#open;
    this.#open = undefined;
    this.#parts.files.close(file);
    if (segment.rows > 0) this.sender.push(segment);
    else this.#parts.files.remove(segmentPath(segment));
  }

  /** Seals when the sender has nothing to do and the file is old enough; else looks again later. */
  sealIfDue(): void {
    if (this.#open === undefined || this.#open.rows === 0) return;
    if (!this.sender.idle() || !this.#parts.quiet()) return;
    const leftMs = this.#parts.sealAt.ms - (performance.now() - this.#open.openedAt);
    if (leftMs <= 0) {
      this.seal();
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.sealIfDue();
    }, leftMs);
  }

  /** Files with rows that are not in ClickHouse yet. */
  segments(): Segment[] {
    const waiting = [...this.sender.waiting()];
    if (this.#open !== undefined && this.#open.rows > 0) waiting.push(this.#open);
    return waiting;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#open !== undefined) this.#parts.files.close(this.#open.file);
    this.#open = undefined;
    await this.sender.stop();
  }

  /** Names grow even when the clock stands still or goes back: their order is the order of the rows. */
  #newName(): string {
    this.#lastName = Math.max(this.#parts.now(), this.#lastName + 1);
    return ulid(this.#lastName);
  }
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The time in a ULID. */
function ulidMs(name: string): number {
  let ms = 0;
  for (const letter of name.slice(0, 10)) ms = ms * 32 + Math.max(0, CROCKFORD.indexOf(letter));
  return ms;
}
