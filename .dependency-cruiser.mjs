// The arrows of docs/architecture.md, one rule a sentence; the sentence is the rule's comment. `npm run check` holds them.

const OURS = "^(stores|ingest|detectors|alerts|playbooks|accounts|dashboards|scripts)/";
const TEST = "\\.test\\.ts$|/testing\\.ts$|/testing/";
const notTest = { pathNot: TEST };
/** A package of node_modules by name, wherever it is installed. */
const lib = (...names) => `(^|/)node_modules/(${names.join("|")})/`;
const DRIVERS = lib(
  "bullmq",
  "ioredis",
  "kysely",
  "pg",
  "@clickhouse/client",
  "@electric-sql",
  "chdb",
);

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "core-imports-nothing-of-ours",
      comment: "core imports nothing of ours.",
      severity: "error",
      from: { path: "^core/", ...notTest },
      to: { path: OURS },
    },
    {
      name: "core-knows-three-libraries",
      comment: "From outside, core imports only zod, simple-statistics and ipaddr.js.",
      severity: "error",
      from: { path: "^core/", ...notTest },
      to: {
        path: "(^|/)node_modules/",
        pathNot: lib("zod", "simple-statistics", "ipaddr\\.js", "@types"),
      },
    },
    {
      name: "stores-import-core-only",
      comment: "stores import core only.",
      severity: "error",
      from: { path: "^stores/", ...notTest },
      to: { path: OURS, pathNot: "^stores/" },
    },
    {
      name: "only-stores-know-drivers",
      comment:
        "Only stores know a database or queue driver; a type alone may be named by whoever is handed the thing.",
      severity: "error",
      from: {
        path: "^(core|ingest|detectors|alerts|playbooks|accounts|dashboards|scripts)/",
        ...notTest,
      },
      to: { path: DRIVERS, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "parts-meet-in-stores",
      comment:
        "ingest, detectors, alerts, playbooks and dashboards do not import each other; they meet in stores and on the queue.",
      severity: "error",
      from: { path: "^(ingest|detectors|alerts|playbooks|dashboards)/", ...notTest },
      to: { path: "^(ingest|detectors|alerts|playbooks|dashboards)/", pathNot: "^$1/" },
    },
    {
      name: "accounts-see-core-and-stores",
      comment: "accounts sees core and stores.",
      severity: "error",
      from: { path: "^accounts/", ...notTest },
      to: { path: "^(ingest|detectors|alerts|playbooks|dashboards|scripts)/" },
    },
    {
      name: "only-doors-import-accounts",
      comment: "Only a folder's routes and the scripts that join them import accounts.",
      severity: "error",
      from: {
        path: "^(core|stores|ingest|detectors|alerts|dashboards)/",
        pathNot: `routes\\.ts$|${TEST}`,
      },
      to: { path: "^accounts/" },
    },
    {
      name: "scripts-are-on-top",
      comment: "Nothing imports scripts; tests may, for the simulator and the log.",
      severity: "error",
      from: {
        path: "^(core|stores|ingest|detectors|alerts|playbooks|accounts|dashboards)/",
        ...notTest,
      },
      to: { path: "^scripts/" },
    },
    {
      name: "detectors-engine-sees-core-only",
      comment: "A detector sees core only: no store, network, clock, random, or other detector.",
      severity: "error",
      from: { path: "^detectors/(engine|rules|statistical|analytics)/", ...notTest },
      to: {
        path: `${OURS}|^(node:)?(fs|fs/promises|net|http|https|dgram|dns|tls|child_process|worker_threads)$`,
        pathNot: "^detectors/engine/",
      },
    },
    {
      name: "a-source-sees-core-and-its-vendor",
      comment: "A source sees core, its own files, and its own vendor's library.",
      severity: "error",
      from: { path: "^ingest/sources/", ...notTest },
      to: { path: OURS, pathNot: "^ingest/sources/" },
    },
    {
      name: "a-channel-sees-core-and-its-vendor",
      comment: "A channel sees core, what a mail is, and its own vendor's library.",
      severity: "error",
      from: { path: "^alerts/channels/", ...notTest },
      to: { path: OURS, pathNot: "^alerts/(channels|mail)/" },
    },
    {
      name: "playbooks-judge-with-core-only",
      comment:
        "What reads and judges playbooks, and what counts clocks, sees core and its own files.",
      severity: "error",
      from: { path: "^playbooks/(cacao|clocks)/", ...notTest },
      to: { path: OURS, pathNot: "^playbooks/$1/" },
    },
    {
      name: "the-simulator-sees-core-only",
      comment: "scripts/simulate sees core only.",
      severity: "error",
      from: { path: "^scripts/simulate/", ...notTest },
      to: { path: OURS, pathNot: "^scripts/simulate/" },
    },
    {
      name: "no-test-code-in-the-service",
      comment:
        "What runs in production imports no test, no test builder and no development dependency.",
      severity: "error",
      from: {
        path: "^(core|stores|ingest|detectors|alerts|playbooks|accounts|dashboards|scripts)/",
        pathNot: `${TEST}|^scripts/(check|docs|new|bench|house)`,
      },
      to: { path: TEST },
    },
    {
      name: "production-needs-no-tools",
      comment:
        "What runs in production needs no development dependency: the image leaves them out.",
      severity: "error",
      from: {
        path: "^(core|stores|ingest|detectors|alerts|playbooks|accounts|dashboards|scripts)/",
        pathNot: `${TEST}|^scripts/(check|docs|new|bench|house|faults)`,
      },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-cycles",
      comment: "No cycles.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(data|coverage)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  },
};
