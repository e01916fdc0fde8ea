// Joins the parts into the one process that a shop runs: stores, doors, detectors, alerts, pages, demo.
import { Registry } from "prom-client";
import { makeAuthenticator } from "../accounts/authenticate.ts";
import { makeLink } from "../accounts/sign-in-link.ts";
import { startCanary } from "../alerts/canary.ts";
import { startProviderLabels } from "../alerts/labels/provider-labels.ts";
import { startMessages } from "../alerts/messages.ts";
import { type Alerts, startAlerts } from "../alerts/worker.ts";
import type { Advise } from "../core/advice.ts";
import { auditSigner } from "../core/audit-signature.ts";
import type { Config } from "../core/config.ts";
import { loadCatalogue } from "../detectors/catalogue.ts";
import type { Ruleset } from "../detectors/engine/plan.ts";
import { type Detectors, startDetectors } from "../detectors/run.ts";
import { startTicks } from "../detectors/ticks/run-ticks.ts";
import type { Pipeline } from "../ingest/pipeline.ts";
import { startUpkeep } from "../stores/connect/upkeep.ts";
import { writeAdminFile } from "./admin/service-door.ts";
import { startAuditSigning } from "./audit-signing.ts";
import { type Demo, demoIsWanted, startDemo } from "./demo.ts";
import { openListener } from "./listener.ts";
import type { ServiceLog } from "./log.ts";
import { openDoors } from "./open-doors.ts";
import { Closers, type OpenStores, openDataFolder, openStores } from "./open-parts.ts";
import { startRetention } from "./retention.ts";
import { storeMetrics } from "./store-metrics.ts";

export type Service = {
  port: number;
  /** One use, one hour. Print it for the person at the terminal; never log it. */
  signInLink: string;
  demo: boolean;
  engines: { clickhouse: string; postgres: string; queue: string };
  close(): Promise<void>;
};

type Given = { log: ServiceLog; now: () => number };

/** Starts everything. The port answers 503 STARTING from the first moment until all is ready. Throws AppError. */
export async function startService(config: Config, given: Given): Promise<Service> {
  const closers = new Closers(given.log);
  try {
    const secrets = openDataFolder(config, closers);
    const listener = await openListener(config.host, config.port);
    closers.add("listener", () => listener.close());
    const publicUrl = config.publicUrl.replace(/:0$/, `:${listener.port}`);
    const here: Config = { ...config, port: listener.port, publicUrl };
    const stores = await openStores(here, { ...given, secrets }, closers);
    const parts = await startParts(here, stores, given, closers);
    listener.serve((request, response) => parts.app.routing(request, response));
    // Whatever is still being answered ends before the parts that answer it.
    closers.add("doors", () => listener.close());
    writeAdminFile(config.dataDir, { url: loopbackUrl(here), token: parts.adminToken });
    const demo = await openDemo(here, { stores, pipeline: parts.pipeline, ...given }, closers);
    const { url } = await makeLink(
      stores.postgres.db,
      { publicUrl, actor: "service" },
      given.now(),
    );
    return {
      port: listener.port,
      signInLink: url,
      demo: demo !== undefined,
      engines: {
        clickhouse: stores.clickhouse.engine,
        postgres: stores.postgres.server === null ? "embedded" : "server",
        queue: stores.queue.engine,
      },
      close: () => closers.closeAll(),
    };
  } catch (fault) {
    await closers.closeAll();
    throw fault;
  }
}

/** Where the command line on this machine reaches us. */
function loopbackUrl({ host, port }: Config): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  return `http://${everywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function startParts(
  config: Config,
  stores: OpenStores,
  { log, now }: Given,
  closers: Closers,
): ReturnType<typeof openDoors> {
  const metrics = new Registry();
  storeMetrics(metrics, stores);
  const rules = loadCatalogue();
  const advise = adviceOf(rules);
  const signer = auditSigner(stores.secrets.AUDIT_KEY);
  const { clickhouse: ch } = stores;
  const signing = startAuditSigning({ db: stores.postgres.db, ch, signer, now, log });
  // Closed after every part that writes entries, so that the last of them are signed too.
  closers.add("audit signing", () => signing.close());
  const upkeep = startUpkeep(stores.postgres, { dataDir: config.dataDir, log });
  closers.add("upkeep", () => upkeep.close());
  const retention = startRetention({ ch, db: stores.postgres.db, now, log });
  closers.add("retention", () => retention.close());
  const alerts = config.work.alerts
    ? await openAlerts({ config, stores, advise, log, now, metrics }, closers)
    : undefined;
  const detectors = await openDetectors(
    { config, stores, rules, alerts, log, now, metrics },
    closers,
  );
  const authenticator = makeAuthenticator({
    db: stores.postgres.db,
    secrets: stores.secrets,
    now,
    publicUrl: config.publicUrl,
  });
  const doors = { config, stores, metrics, advise, rules, authenticator, detectors, log, now };
  return openDoors({ ...doors, signer }, closers);
}

async function openAlerts(
  given: Given & { config: Config; stores: OpenStores; advise: Advise; metrics: Registry },
  closers: Closers,
): Promise<Alerts> {
  const { config, stores, advise, now, metrics } = given;
  const { db } = stores.postgres;
  const log = given.log.child({ service: "alerts" });
  const { publicUrl, outbound: rules } = config;
  const sealKey = stores.secrets.SEAL_KEY;
  const messages = startMessages({ db, sealKey, rules, advise, publicUrl, now, log, metrics });
  closers.add("messages", () => messages.close());
  const onMessages = () => messages.wake();
  const { queue, secrets } = stores;
  const parts = { db, queue, config, secrets, advise };
  const alerts = await startAlerts({ ...parts, now, log, metrics, onMessages });
  closers.add("alerts", () => alerts.close());
  const { warnUrl } = config;
  const wake = () => alerts.wake();
  const canary = startCanary({ db, sealKey, warnUrl, rules, wake, now, log, metrics });
  closers.add("canary", () => canary.close());
  const labels = startProviderLabels({ db, ch: stores.clickhouse, now, log });
  closers.add("provider labels", () => labels.close());
  return alerts;
}

type DetectorsGiven = Given & {
  config: Config;
  stores: OpenStores;
  rules: Ruleset;
  alerts: Alerts | undefined;
  metrics: Registry;
};

/** Out: what wants to be offered each event, if anything does. */
async function openDetectors(
  given: DetectorsGiven,
  closers: Closers,
): Promise<Detectors | undefined> {
  const { config, stores, rules, alerts, now, metrics } = given;
  if (config.detection === "off" || !config.work.detectors) return undefined;
  const deps = {
    db: stores.postgres.db,
    ch: stores.clickhouse,
    rules,
    now,
    log: given.log.child({ service: "detectors" }),
    metrics,
    onFindings: () => alerts?.wake(),
  };
  if (config.detection === "clickhouse") {
    const ticks = await startTicks({ ...deps, queue: stores.queue });
    closers.add("detectors", () => ticks.close());
    return undefined;
  }
  const detectors = await startDetectors({ ...deps, spool: stores.spool });
  closers.add("detectors", () => detectors.close());
  return detectors;
}

function adviceOf(rules: Ruleset): Advise {
  const byRule = new Map(
    rules.rules.map((rule) => [
      rule.name,
      {
        why: rule.description || null,
        do_now: rule.doNow,
        explains: rule.elseExplains,
        cooldown_ms: rule.dedup.cooldownMs,
      },
    ]),
  );
  return (rule) => byRule.get(rule);
}

async function openDemo(
  config: Config,
  given: Given & { stores: OpenStores; pipeline: Pipeline },
  closers: Closers,
): Promise<Demo | undefined> {
  const { db } = given.stores.postgres;
  const mode = config.demo;
  if (mode === "off" || !(await demoIsWanted(db, mode))) return undefined;
  const { pipeline, log, now } = given;
  const demo = await startDemo({ db, pipeline, mode, speed: config.demoSpeed, now, log });
  closers.add("demo", () => demo.close());
  return demo;
}
