// The main job: reads the settings, starts the service, tells the person at the terminal where it is.
import { readFileSync } from "node:fs";
import { type Config, readConfig } from "../core/config.ts";
import { AppError } from "../core/errors.ts";
import { createLog } from "./log.ts";
import { type Service, startService } from "./service.ts";

const SLOW_CLOSE_MS = 25_000;

function welcome(config: Config, service: Service): string {
  const url = config.publicUrl.replace(/:0$/, `:${service.port}`);
  const demo = service.demo
    ? "a simulated shop trades now; its first alert comes within half a minute"
    : "off";
  const mail =
    config.smtp === null
      ? `kept in the outbox, ${url}/outbox (no mail server is set)`
      : "goes to your mail server";
  const { clickhouse, postgres, queue } = service.engines;
  return `
  Tillwatch is running.

    Open       ${url}
    Sign in    ${service.signInLink}
               (one use, within an hour; a new one: npm run --silent admin -- link)
    Demo       ${demo}
    Mail       ${mail}
    Data       ${config.dataDir} (ClickHouse: ${clickhouse}, Postgres: ${postgres}, queue: ${queue})

  Watch your own shop:
    npm run --silent admin -- merchant create --name "My shop" --email you@example.com
    npm run --silent admin -- source add --merchant ID --kind square --secret -
  Ctrl-C stops it; nothing that was acknowledged is lost.
`;
}

async function main(): Promise<void> {
  const config = readConfig(process.env, (path) => readFileSync(path, "utf8"));
  const log = createLog({ level: config.logLevel });
  const started = startService(config, { log, now: Date.now });
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), SLOW_CLOSE_MS).unref();
    started
      .then((service) => service.close())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  const service = await started;
  if (!ending) process.stdout.write(welcome(config, service));
}

main().catch((fault: unknown) => {
  const known = fault instanceof AppError;
  console.error(known ? `${fault.code}: ${fault.message}` : fault);
  process.exit(1);
});
