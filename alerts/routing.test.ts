import { describe, expect, it } from "vitest";
import type { Level } from "../core/level.ts";
import type { RoutingRule } from "../core/routing.ts";
import { type RouteGiven, route } from "./routing.ts";

const RULE: RoutingRule = {
  stores: null,
  at_least: "low",
  hours: null,
  critical_any_hour: true,
  owners: false,
  emails: [],
  channels: [],
};
const DAY = { from: 8 * 60, to: 20 * 60, outside: "hold" } as const;
const NIGHT = { from: 22 * 60, to: 6 * 60, outside: "skip" } as const;
const OWNERS = { emails: ["owner@c.example"], channels: [] };

/** A time on London's clock, in winter as UTC. */
const at = (clock: string) => Date.parse(`2026-11-25T${clock}:00Z`);

function told(
  rules: Partial<RoutingRule>[],
  of: { level?: Level; store?: string | null; now?: number; over?: Partial<RouteGiven> } = {},
) {
  return route(
    { level: of.level ?? "high", store_id: of.store === undefined ? "soho" : of.store },
    {
      rules: rules.map((rule) => ({ ...RULE, ...rule })),
      channels: new Set(["push", "chat"]),
      owners: ["owner@c.example"],
      zone: "Europe/London",
      ...of.over,
    },
    of.now ?? at("12:00"),
  );
}

const now = at("12:00");
const push = (dueAt = now) => ({ id: "push", dueAt });

describe("who is told", () => {
  it.each([
    { name: "no rules: mail to the owners", got: told([]), expected: OWNERS },
    {
      name: "no rules and no address: a mail that lies in the outbox",
      got: told([], { over: { owners: [] } }),
      expected: { emails: [""], channels: [] },
    },
    {
      name: "informational: nobody, whatever the rules",
      got: told([{ at_least: "informational", owners: true, channels: ["push"] }], {
        level: "informational",
      }),
      expected: { emails: [], channels: [] },
    },
    {
      name: "a rule for all: its channel, and no mail",
      got: told([{ channels: ["push"] }]),
      expected: { emails: [], channels: [push()] },
    },
    {
      name: "owners and another address, each once whatever its capitals",
      got: told([{ owners: true, emails: ["OWNER@c.example", "guard@g.example"] }]),
      expected: { emails: ["owner@c.example", "guard@g.example"], channels: [] },
    },
    {
      name: "below the least level: nobody",
      got: told([{ at_least: "critical", channels: ["push"] }]),
      expected: { emails: [], channels: [] },
    },
    {
      name: "exactly the least level",
      got: told([{ at_least: "high", channels: ["push"] }]),
      expected: { emails: [], channels: [push()] },
    },
    {
      name: "its store",
      got: told([{ stores: ["soho", "bath"], channels: ["push"] }]),
      expected: { emails: [], channels: [push()] },
    },
    {
      name: "another store's rule",
      got: told([{ stores: ["bath"], channels: ["push"] }]),
      expected: { emails: [], channels: [] },
    },
    {
      name: "an alert of no store fits only rules for all",
      got: told([{ stores: ["soho"], channels: ["push"] }, { channels: ["chat"] }], {
        store: null,
      }),
      expected: { emails: [], channels: [{ id: "chat", dueAt: now }] },
    },
    {
      name: "a channel that is off or gone is left out",
      got: told([{ channels: ["gone", "push"] }]),
      expected: { emails: [], channels: [push()] },
    },
    {
      name: "critical that would reach nobody goes to the owners",
      got: told([{ channels: ["gone"] }], { level: "critical" }),
      expected: OWNERS,
    },
  ])("$name", ({ got, expected }) => expect(got).toEqual(expected));
});

describe("when, on the store's clock", () => {
  const held = [{ hours: DAY, channels: ["push"] }];
  const night = [{ hours: NIGHT, channels: ["push"] }];
  it.each([
    { name: "first minute of the hours", rules: held, clock: "08:00", due: "08:00" },
    { name: "last minute of the hours", rules: held, clock: "19:59", due: "19:59" },
    { name: "the end does not count: held until morning", rules: held, clock: "20:00", due: 12 },
    { name: "one minute too early", rules: held, clock: "07:59", due: "08:00" },
    { name: "night, before midnight", rules: night, clock: "23:30", due: "23:30" },
    { name: "night, after midnight", rules: night, clock: "05:59", due: "05:59" },
    { name: "night is over", rules: night, clock: "06:00", due: null },
    { name: "by day the night's rule does not apply", rules: night, clock: "12:00", due: null },
  ])("$name", ({ rules, clock, due }) => {
    const dueAt = typeof due === "number" ? at(clock) + due * 3_600_000 : due && at(due);
    expect(told(rules, { now: at(clock) }).channels).toEqual(
      dueAt === null ? [] : [push(dueAt as number)],
    );
  });

  it("critical does not wait, unless the rule says so", () => {
    const of = { level: "critical", now: at("23:00") } as const;
    expect(told(held, of).channels).toEqual([push(of.now)]);
    expect(told([{ ...held[0], critical_any_hour: false }], of).channels).toEqual([
      push(of.now + 9 * 3_600_000),
    ]);
  });

  it("two rules name one channel: the earlier time counts", () => {
    const of = { now: at("23:00") };
    expect(told([...held, { channels: ["push"] }], of).channels).toEqual([push(of.now)]);
  });

  it("the store's zone counts, not ours", () => {
    expect(told(held, { now: at("23:00"), over: { zone: "Asia/Tokyo" } }).channels).toEqual([
      push(at("23:00")),
    ]);
  });

  it("held over the night when clocks go back: until 08:00 on the wall", () => {
    const evening = Date.parse("2026-10-24T21:00:00Z");
    expect(told(held, { now: evening }).channels).toEqual([
      push(Date.parse("2026-10-25T08:00:00Z")),
    ]);
  });
});
