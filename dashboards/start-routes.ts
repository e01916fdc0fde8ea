// Gathers what the overview shows; an event store that does not answer is shown as that, not as a fault.
import type { FastifyInstance } from "fastify";
import { isWaiting, WAITING_STATES } from "../core/alert.ts";
import { LEVELS, type Level } from "../core/level.ts";
import type { Merchant } from "../core/merchant.ts";
import { type AlertCount, countAlerts, listAlerts } from "../stores/alerts.ts";
import { countEvents, type EventCounts } from "../stores/event-counts.ts";
import { listMerchants } from "../stores/merchants.ts";
import { listSources } from "../stores/sources.ts";
import { pageReader } from "./page-reader.ts";
import type { AnswerDeps, PageDeps } from "./page-routes.ts";
import { answerWith } from "./page-routes.ts";
import type { ShopLine } from "./pages/shop-line.ts";
import { shopStatus } from "./pages/shop-status.ts";
import { type StartView, startPage } from "./pages/start-page.ts";

const DAY_MS = 86_400_000;
/** More businesses than this are the operator's, who looks at figures elsewhere. */
const MOST_SHOPS = 50;
const SHOWN_LEVELS: readonly Level[] = ["critical", "high", "medium", "low"];

export function registerStartPage(app: FastifyInstance, deps: AnswerDeps): void {
  app.get(
    "/",
    { schema: { hide: true } },
    answerWith(deps, async () => ({
      title: "Overview",
      here: "start" as const,
      refreshS: 15,
      body: startPage(await gather(deps)),
    })),
  );
}

async function gather(deps: PageDeps): Promise<StartView> {
  const now = deps.now();
  const merchants = (await listMerchants(deps.db)).slice(0, MOST_SHOPS);
  const counts = await countAlerts(deps.db, "*", now - DAY_MS);
  const shops = await Promise.all(merchants.map((merchant) => shopLine(deps, merchant, now)));
  const seen = shops.map((shop) => shop.events).filter((events) => events !== null);
  const blind = shops.length > 0 && seen.length === 0;
  const events = blind
    ? null
    : { hour: sum(seen.map(({ hour }) => hour)), day: sum(seen.map(({ day }) => day)) };
  const reader = pageReader(deps.db, deps.advise);
  const open = await listAlerts(deps.db, "*", { state: WAITING_STATES, limit: 200 });
  const first = open
    .filter((alert) => alert.level !== "informational")
    .sort(byUrgency)
    .slice(0, 5);
  return {
    status: shopStatus(counts, events?.day ?? null),
    open: SHOWN_LEVELS.map((level) => ({ level, count: openCount(counts, level) })),
    events,
    newest: await Promise.all(first.map((alert) => reader.tell(alert, 3))),
    shops,
    publicUrl: deps.publicUrl,
    now,
  };
}

async function shopLine(deps: PageDeps, merchant: Merchant, now: number): Promise<ShopLine> {
  const counts = await countAlerts(deps.db, merchant.id, now);
  return {
    id: merchant.id,
    name: merchant.name,
    zone: merchant.zone,
    isDemo: merchant.is_demo,
    open: sum(counts.filter((row) => isWaiting(row.state)).map((row) => row.count)),
    events: await eventsOf(deps, merchant.id, now),
    sources: await listSources(deps.db, merchant.id),
  };
}

async function eventsOf(
  deps: PageDeps,
  merchantId: string,
  now: number,
): Promise<EventCounts | null> {
  try {
    return await countEvents(deps.ch, merchantId, now);
  } catch (error) {
    deps.log.warn({ err: error }, "the overview could not count events");
    return null;
  }
}

function byUrgency(
  a: { level: Level; opened_at: number },
  b: { level: Level; opened_at: number },
): number {
  return LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) || b.opened_at - a.opened_at;
}

function openCount(counts: readonly AlertCount[], level: Level): number {
  return sum(
    counts.filter((row) => isWaiting(row.state) && row.level === level).map((row) => row.count),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
