// The folders of the map, from top to bottom: who stands higher imports who stands lower.

/** `what` is the line under the folder's name. A wide folder spans the row. */
export type FolderOnMap = { name: string; what: string };

export const ROWS: readonly (readonly FolderOnMap[])[] = [
  [{ name: "scripts", what: "joins the parts; command lines, simulator, checks" }],
  [
    { name: "ingest", what: "in: verify, check, scrub, keep" },
    { name: "detectors", what: "rules over events, in time order" },
    { name: "alerts", what: "findings to alerts and mail" },
    { name: "playbooks", what: "what to do, and by when" },
    { name: "dashboards", what: "pages for people" },
  ],
  [{ name: "accounts", what: "who is this, may they?" }],
  [{ name: "stores", what: "the only code that knows ClickHouse, Postgres and the queue" }],
  [
    {
      name: "core",
      what: "the vocabulary, pure: events, findings, alerts, money, time, settings, errors",
    },
  ],
];

export const FOLDERS: readonly string[] = ROWS.flat().map(({ name }) => name);
