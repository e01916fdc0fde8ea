import { expect, it } from "vitest";
import type { AlertCount } from "../../stores/alerts.ts";
import { shopStatus } from "./shop-status.ts";

const open = (level: AlertCount["level"], count: number): AlertCount => ({
  state: "open",
  level,
  count,
});

it.each<{
  name: string;
  counts: AlertCount[];
  events: number | null;
  tone: string;
  sentence: string;
}>([
  {
    name: "events and no alert",
    counts: [],
    events: 5,
    tone: "calm",
    sentence: "Nothing unusual right now.",
  },
  {
    name: "one urgent alert",
    counts: [open("high", 1)],
    events: 5,
    tone: "act",
    sentence: "One thing needs a look now.",
  },
  {
    name: "urgent ones count together",
    counts: [open("high", 2), open("critical", 1), open("low", 9)],
    events: 5,
    tone: "act",
    sentence: "3 things need a look now.",
  },
  {
    name: "urgent even when events stopped",
    counts: [open("critical", 1)],
    events: 0,
    tone: "act",
    sentence: "One thing needs a look now.",
  },
  {
    name: "smaller things",
    counts: [open("medium", 1), open("low", 1)],
    events: 5,
    tone: "look",
    sentence: "Nothing urgent. 2 smaller things are worth a look.",
  },
  {
    name: "what is merely informational does not alarm",
    counts: [open("informational", 3)],
    events: 5,
    tone: "calm",
    sentence: "Nothing unusual right now.",
  },
  {
    name: "resolved ones do not count",
    counts: [{ state: "resolved", level: "critical", count: 4 }],
    events: 5,
    tone: "calm",
    sentence: "Nothing unusual right now.",
  },
  {
    name: "silence is not safety",
    counts: [],
    events: 0,
    tone: "blind",
    sentence: "We see no events, so we cannot tell.",
  },
  {
    name: "nor is an event store that is away",
    counts: [],
    events: null,
    tone: "blind",
    sentence: "No open alerts, but the event store does not answer.",
  },
])("$name -> $tone", ({ counts, events, tone, sentence }) => {
  expect(shopStatus(counts, events)).toMatchObject({ tone, sentence });
});
