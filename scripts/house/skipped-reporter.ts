// Says at the end of a test run what was skipped; where CI is set, a project that skipped everything is a failure.
import type { Reporter, TestModule } from "vitest/node";

type Counts = { ran: number; skipped: number };

function countByProject(modules: readonly TestModule[]): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const module of modules) {
    const of = counts.get(module.project.name) ?? { ran: 0, skipped: 0 };
    for (const test of module.children.allTests()) {
      if (test.result().state === "skipped") of.skipped += 1;
      else of.ran += 1;
    }
    counts.set(module.project.name, of);
  }
  return counts;
}

export function skippedReporter(isCi: boolean): Reporter {
  return {
    onTestRunEnd(modules) {
      for (const [project, { ran, skipped }] of countByProject(modules)) {
        if (skipped === 0) continue;
        const isWhole = ran === 0;
        console.log(
          `Skipped in ${project}: ${isWhole ? "all" : skipped} of ${ran + skipped} tests.`,
        );
        if (isWhole && isCi) {
          console.log(`In CI a skipped project is a failure: ${project}.`);
          process.exitCode = 1;
        }
      }
    },
  };
}
