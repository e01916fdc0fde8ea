// Memory of a process and its children, as the operating system counts it.
import { execFileSync } from "node:child_process";

/** Resident memory in MiB of `pid` and of each direct child, by command. Linux and macOS. */
export function memoryMiB(pid: number): { service: number; engine: number } {
  const rows = execFileSync("ps", ["-ax", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  let service = 0;
  let engine = 0;
  for (const [id, parent, kib = 0] of rows) {
    if (id === pid) service += kib;
    if (parent === pid) engine += kib;
  }
  return { service: Math.round(service / 1024), engine: Math.round(engine / 1024) };
}
