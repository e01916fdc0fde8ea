// The file system as the spool uses it: few calls, so that a test can record their order or let them fail.
import {
  closeSync,
  fdatasync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { appendFile, statfs } from "node:fs/promises";
import { promisify } from "node:util";

/** `write` writes all bytes or throws; `sync` and `syncFolder` resolve when the disk has them. */
export type SpoolFiles = {
  makeFolder(path: string): void;
  list(folder: string): string[];
  create(path: string): number;
  write(file: number, bytes: Uint8Array): void;
  sync(file: number): Promise<void>;
  syncFolder(path: string): Promise<void>;
  cut(file: number, length: number): void;
  cutPath(path: string, length: number): void;
  close(file: number): void;
  read(path: string): Buffer;
  modifiedMs(path: string): number;
  rename(from: string, to: string): void;
  remove(path: string): void;
  add(path: string, text: string): Promise<void>;
  freeBytes(folder: string): Promise<number>;
};

const datasync = promisify(fdatasync);
const fullsync = promisify(fsync);

export const diskFiles: SpoolFiles = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  list: (folder) => readdirSync(folder),
  create: (path) => openSync(path, "ax", 0o600),
  write(file, bytes) {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  },
  sync: (file) => datasync(file),
  async syncFolder(path) {
    const folder = openSync(path, "r");
    try {
      await fullsync(folder);
    } finally {
      closeSync(folder);
    }
  },
  cut: (file, length) => ftruncateSync(file, length),
  cutPath: (path, length) => truncateSync(path, length),
  close: (file) => closeSync(file),
  read: (path) => readFileSync(path),
  modifiedMs: (path) => statSync(path).mtimeMs,
  rename: (from, to) => renameSync(from, to),
  remove: (path) => unlinkSync(path),
  add: (path, text) => appendFile(path, text, { mode: 0o600, flush: true }),
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
};
