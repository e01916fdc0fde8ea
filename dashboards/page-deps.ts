// What the pages need from the rest of the service.
import type { Authenticator } from "../accounts/authenticate.ts";
import type { Advise } from "../core/advice.ts";
import type { ActOnAlert } from "../core/alert.ts";
import type { Secrets } from "../core/config.ts";
import type { Log } from "../core/log.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import type { Postgres } from "../stores/connect/postgres.ts";

export type PageDeps = {
  db: Postgres;
  ch: Pick<ClickHouse, "query">;
  secrets: Pick<Secrets, "SESSION_KEY">;
  authenticator: Authenticator;
  /** From `alerts/act.ts`. */
  act: ActOnAlert;
  advise: Advise;
  publicUrl: string;
  now: () => number;
  log: Log;
};

/** With the address of the stylesheet, which `registerPageRoutes` makes. */
export type AnswerDeps = PageDeps & { stylesheet: string };
