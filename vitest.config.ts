// Three kinds of tests: unit (no store, no network), integration (real engines), browser (Debian's Chromium).
import { defineConfig } from "vitest/config";
import { skippedReporter } from "./scripts/house/skipped-reporter.ts";

const exclude = ["node_modules/**", "data/**"];

export default defineConfig({
  test: {
    // Ours first, so that vitest's own count stands last.
    reporters: [skippedReporter(process.env.CI !== undefined), "default"],
    projects: [
      {
        test: {
          name: "unit",
          pool: "forks",
          // Some start Node, which on a busy machine takes its time.
          testTimeout: 30_000,
          include: ["**/*.test.ts"],
          exclude: [...exclude, "**/*.integration.test.ts", "**/*.browser.test.ts"],
        },
      },
      {
        test: {
          name: "integration",
          pool: "forks",
          include: ["**/*.integration.test.ts"],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "browser",
          pool: "forks",
          include: ["**/*.browser.test.ts"],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
