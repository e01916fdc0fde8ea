// The faults that can happen to a running service, each as a machine brings it about.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../simulate/random.ts";
import type { RunningService } from "./running-service.ts";

/** kill: SIGKILL to the service. engine: to the embedded ClickHouse. disk: not a byte free for a while. clock: up to an hour back or forth. */
export type Fault = "kill" | "engine" | "disk" | "clock";
const FAULTS: readonly Fault[] = ["kill", "engine", "disk", "clock"];

/** In: names with commas between. Throws for a name that is none. */
export function readFaults(text: string): Fault[] {
  return text.split(",").map((name) => {
    const fault = FAULTS.find((one) => one === name.trim());
    if (fault === undefined)
      throw new Error(`"${name}" is no fault; there are ${FAULTS.join(", ")}.`);
    return fault;
  });
}

/** Where the rounds take place; for a full disk a file system of its own, 1.5 GB in memory. */
export type Ground = {
  dataDir: string;
  folder: string;
  env: Record<string, string>;
  close(): void;
};

export function openGround(folder: string, faults: readonly Fault[]): Ground {
  const mounted = faults.includes("disk");
  if (mounted) execFileSync("mount", ["-t", "tmpfs", "-o", "size=1500m", "tmpfs", folder]);
  const dataDir = join(folder, "data");
  mkdirSync(dataDir, { mode: 0o700 });
  const clock = new URL("./clock-step.mjs", import.meta.url).pathname;
  return {
    dataDir,
    folder,
    env: faults.includes("clock") ? { NODE_OPTIONS: `--import ${clock}` } : {},
    close() {
      if (mounted) execFileSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type At = { service: RunningService; ground: Ground; random: Random };

/** Brings the fault about and lets the service go on in it for a moment. Out: whether the service still runs. */
export async function breakIt(fault: Fault, { service, ground, random }: At): Promise<boolean> {
  const after = random.int(100, 1_200);
  switch (fault) {
    case "kill":
      await service.kill9();
      return false;
    case "engine":
      for (const pid of childrenOf(service.pid)) process.kill(pid, "SIGKILL");
      break;
    case "clock":
      process.kill(service.pid, "SIGUSR2");
      break;
    case "disk": {
      const path = join(ground.folder, "filling");
      fill(path);
      await sleep(random.int(200, 1_500));
      rmSync(path);
      break;
    }
  }
  await sleep(after);
  return true;
}

function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")
      .split(" ")
      .filter((text) => text.trim() !== "")
      .map(Number),
  );
}

function fill(path: string): void {
  for (const bytes of [1_048_576, 65_536, 4096, 1]) {
    const piece = Buffer.alloc(bytes);
    try {
      for (;;) writeFileSync(path, piece, { flag: "a" });
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== "ENOSPC") throw fault;
    }
  }
}
