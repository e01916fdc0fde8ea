// Puts every folder's doors on the one HTTP server.
import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Authenticator } from "../accounts/authenticate.ts";
import { registerAccountRoutes } from "../accounts/routes.ts";
import { makeActOnAlert } from "../alerts/act.ts";
import { registerAlertRoutes } from "../alerts/routes.ts";
import type { Advise } from "../core/advice.ts";
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
import type { Detectors } from "../detectors/run.ts";
import { registerSettingsRoutes } from "../detectors/settings/routes.ts";
import { makeDirectory } from "../ingest/directory.ts";
import type { Pipeline } from "../ingest/pipeline.ts";
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
  detectors: Detectors | undefined;
};

/** Builds the server with every folder's routes on it. */
export async function openDoors(given: DoorsGiven, closers: Closers): Promise<OpenDoors> {
  const { config, stores, metrics, advise, authenticator, detectors, log, now } = given;
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
  const ingest = await registerIngestRoutes(app, {
    spool: stores.spool,
    seen: stores.seen,
    shared: stores.shared,
    ch,
    directory,
    authenticator,
    secrets,
    now,
    stampFrom: (await newestJudged(db)) + 1,
    log: ingestLog,
    metrics,
    onDurable: (merchantId, events) => detectors?.offer(merchantId, events),
  });
  closers.add("ingest", () => ingest.close());
  await warmPipeline({ ch, pipeline: ingest.pipeline, now, log: ingestLog });
  registerAccountRoutes(app, { db, secrets, publicUrl, now, authenticator });
  const act = makeActOnAlert({ db, now });
  registerSearchRoutes(app, { ch, authenticator, now });
  registerExportRoutes(app, { db, ch, authenticator, now });
  const sql = openAnalystSql(ch);
  registerSqlRoutes(app, { db, sql, authenticator, now });
  await openSqlListener(given, { db, sql }, closers);
  registerAlertRoutes(app, { db, secrets, authenticator, act });
  const backtestLog = log.child({ service: "detectors" });
  const backtests = await makeBacktests({ db, ch, now, log: backtestLog });
  closers.add("backtests", () => backtests.close());
  registerBacktestRoutes(app, { db, secrets, authenticator, backtests, now });
  const tuner = createTuner(given.rules, readRuleFiles);
  registerSettingsRoutes(app, { db, ch, secrets, authenticator, tuner, now });
  const explain: ExplainAlert = (alert) => explainAlert({ db, ch, tuner }, alert);
  const pages = { db, ch, secrets, authenticator, act, advise, explain, publicUrl, now, log };
  registerPageRoutes(app, pages);
  const adminToken = randomBytes(32).toString("base64url");
  registerAdminRoutes(app, {
    db,
    secrets,
    publicUrl,
    defaults: config.defaults,
    now,
    backtests,
    rows: { ch, flush: () => stores.spool.flush() },
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
