// Puts every folder's doors on the one HTTP server.
import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { registerAuditRoutes } from "../accounts/audit-routes.ts";
import type { Authenticator } from "../accounts/authenticate.ts";
import { registerAccountRoutes } from "../accounts/routes.ts";
import { makeActOnAlert } from "../alerts/act.ts";
import { registerLinkRoutes } from "../alerts/links/routes.ts";
import { registerAlertExportRoutes } from "../alerts/ocsf/export-routes.ts";
import { registerAlertRoutes } from "../alerts/routes.ts";
import type { Advise } from "../core/advice.ts";
import type { AuditSigner } from "../core/audit-signature.ts";
import type { Config } from "../core/config.ts";
import type { ExplainAlert } from "../core/explanation.ts";
import { registerPageRoutes } from "../dashboards/routes.ts";
import { registerExportRoutes } from "../dashboards/search/export-routes.ts";
import { registerSearchRoutes } from "../dashboards/search/search-routes.ts";
import { clickHouseHttp } from "../dashboards/sql/clickhouse-http-routes.ts";
import { registerSqlRoutes } from "../dashboards/sql/sql-routes.ts";
import { makeBacktests } from "../detectors/backtest/jobs.ts";
import { registerBacktestRoutes } from "../detectors/backtest/routes.ts";
import { readRuleFiles } from "../detectors/catalogue.ts";
import type { Ruleset } from "../detectors/engine/plan.ts";
import { createTuner } from "../detectors/engine/tune/tuned.ts";
import { explainAlert } from "../detectors/explain.ts";
import { registerPrecisionRoutes } from "../detectors/precision/routes.ts";
import type { Detectors } from "../detectors/run.ts";
import { registerSettingsRoutes } from "../detectors/settings/routes.ts";
import { ASK_LIMITS } from "../ingest/asking/ask-provider.ts";
import { takenContents } from "../ingest/asking/ask-row.ts";
import { askingQueue, startAsking } from "../ingest/asking/start-asking.ts";
import { type Directory, makeDirectory } from "../ingest/directory.ts";
import type { Pipeline } from "../ingest/pipeline.ts";
import type { Ingest } from "../ingest/routes/doors.ts";
import { registerIngestRoutes } from "../ingest/routes.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { newestJudged } from "../stores/findings.ts";
import { openAnalystSql } from "../stores/sql/analyst-sql.ts";
import { registerAdminRoutes } from "./admin/service-door.ts";
import { openListener } from "./listener.ts";
import type { ServiceLog } from "./log.ts";
import type { Closers, OpenStores } from "./open-parts.ts";
import { buildServer } from "./server.ts";
import { warmPipeline } from "./warm-pipeline.ts";

type OpenDoors = { app: FastifyInstance; pipeline: Pipeline; adminToken: string };

type DoorsGiven = {
  log: ServiceLog;
  now: () => number;
  config: Config;
  stores: OpenStores;
  metrics: Registry;
  advise: Advise;
  rules: Ruleset;
  authenticator: Authenticator;
  signer: AuditSigner;
  detectors: Detectors | undefined;
};

/** Builds the server with every folder's routes on it. */
export async function openDoors(given: DoorsGiven, closers: Closers): Promise<OpenDoors> {
  const { config, stores, metrics, advise, authenticator, log, now } = given;
  const { secrets, clickhouse: ch } = stores;
  const { db } = stores.postgres;
  const { publicUrl } = config;
  const app = await buildServer({
    log: log.child({ service: "dashboards" }),
    metrics,
    metricsToken: secrets.METRICS_TOKEN,
    publicUrl,
    healthy: () => health(stores),
  });
  const ingestLog = log.child({ service: "ingest" });
  const directory = makeDirectory({ db, sealKey: secrets.SEAL_KEY, now, log: ingestLog });
  const ingest = await openIngest(given, { app, directory }, closers);
  await warmPipeline({ ch, pipeline: ingest.pipeline, now, log: ingestLog });
  registerAccountRoutes(app, { db, secrets, publicUrl, now, authenticator });
  const act = makeActOnAlert({ db, now });
  registerSearchRoutes(app, { ch, authenticator, now });
  openExports(app, given);
  const sql = openAnalystSql(ch);
  registerSqlRoutes(app, { db, sql, authenticator, now });
  await openSqlListener(given, { db, sql }, closers);
  registerLinkRoutes(app, { db, secrets, publicUrl, now });
  registerAlertRoutes(app, { db, secrets, authenticator, act, now });
  const backtestLog = log.child({ service: "detectors" });
  const backtests = await makeBacktests({ db, ch, now, log: backtestLog });
  closers.add("backtests", () => backtests.close());
  registerBacktestRoutes(app, { db, secrets, authenticator, backtests, now });
  registerPrecisionRoutes(app, { db, authenticator, now });
  const tuner = createTuner(given.rules, readRuleFiles);
  registerSettingsRoutes(app, { db, ch, secrets, authenticator, tuner, now });
  const explain: ExplainAlert = (alert) => explainAlert({ db, ch, tuner }, alert);
  const pages = { db, ch, secrets, authenticator, act, advise, explain, publicUrl, now, log };
  registerPageRoutes(app, pages);
  const adminToken = randomBytes(32).toString("base64url");
  registerAdminRoutes(app, {
    db,
    secrets,
    dataDir: config.dataDir,
    publicUrl,
    defaults: config.defaults,
    outbound: config.outbound,
    now,
    backtests,
    rows: { ch, flush: () => stores.spool.flush() },
    testSource: ingest.testSource,
    token: adminToken,
    onChanged() {
      authenticator.forget();
      directory.forget();
    },
  });
  await app.ready();
  closers.add("app", () => app.close());
  return { app, pipeline: ingest.pipeline, adminToken };
}

/** The doors for events, and who asks providers for what they do not send; the latter ends first. */
async function openIngest(
  { config, stores, metrics, authenticator, detectors, now, log }: DoorsGiven,
  { app, directory }: { app: FastifyInstance; directory: Directory },
  closers: Closers,
): Promise<Ingest> {
  const shared = { now, log: log.child({ service: "ingest" }) };
  const { db } = stores.postgres;
  const asking = askingQueue({ db, queue: stores.queue, now });
  const ingest = await registerIngestRoutes(app, {
    spool: stores.spool,
    seen: stores.seen,
    shared: stores.shared,
    ch: stores.clickhouse,
    directory,
    authenticator,
    secrets: stores.secrets,
    metrics,
    want: asking.want,
    stampFrom: (await newestJudged(db)) + 1,
    connections: {
      db,
      sealKey: stores.secrets.SEAL_KEY,
      publicUrl: config.publicUrl,
      base: config.askBase,
      limits: ASK_LIMITS,
    },
    onDurable: (merchantId, events) => detectors?.offer(merchantId, events),
    ...shared,
  });
  closers.add("ingest", () => ingest.close());
  const worker = startAsking({
    db,
    queue: stores.queue,
    sealKey: stores.secrets.SEAL_KEY,
    deliveries: ingest.deliveries,
    metrics: ingest.count,
    asking,
    taken: takenContents(),
    limits: ASK_LIMITS,
    base: config.askBase,
    chance: Math.random,
    ...shared,
  });
  closers.add("asking", () => worker.close());
  return ingest;
}

/** What a merchant may take along: events, alerts, the audit log. */
function openExports(
  app: FastifyInstance,
  { stores, signer, authenticator, now }: DoorsGiven,
): void {
  const deps = { db: stores.postgres.db, authenticator, now };
  registerExportRoutes(app, { ...deps, ch: stores.clickhouse });
  registerAlertExportRoutes(app, deps);
  registerAuditRoutes(app, { ...deps, signer });
}

/** ClickHouse's HTTP interface, where the settings ask for it. */
async function openSqlListener(
  { config, stores, authenticator, log, now }: DoorsGiven,
  { db, sql }: { db: Postgres; sql: ReturnType<typeof openAnalystSql> },
  closers: Closers,
): Promise<void> {
  if (config.sqlListen === null) return;
  const { host, port } = config.sqlListen;
  const listener = await openListener(host, port, "TILLWATCH_SQL_LISTEN");
  closers.add("sql listener", () => listener.close());
  const healthy = () => stores.clickhouse.ping();
  const sqlLog = log.child({ service: "dashboards" });
  listener.serve(clickHouseHttp({ db, sql, authenticator, healthy, now, log: sqlLog }));
  log.info({ host, port: listener.port }, "ClickHouse's HTTP interface listens");
}

async function health({ clickhouse, postgres, spool }: OpenStores) {
  const [events, rows] = await Promise.all([
    clickhouse.ping(),
    postgres.pool.query("SELECT 1").then(
      () => true,
      () => false,
    ),
  ]);
  const word = (ok: boolean) => (ok ? "ok" : "away");
  const door = spool.admission();
  const parts = {
    clickhouse: word(events),
    postgres: word(rows),
    spool: door.open ? "ok" : door.code,
  };
  // ClickHouse may be away: events are kept in the spool and the door stays open.
  return { ok: rows && door.open, parts };
}
