// `due`: when a duty ends, from a rule, a start and a zone.

import { didYouMean } from "../../core/did-you-mean.ts";
import { isTimeZone, parseIsoTime } from "../../core/time.ts";
import { businessDays, WEEKDAYS } from "../../playbooks/clocks/calendar.ts";
import { readCalendars, readClocks } from "../../playbooks/clocks/catalogue.ts";
import { dueAt, type Span } from "../../playbooks/clocks/due.ts";
import { instantOf, isDate } from "../../playbooks/clocks/local-date.ts";
import { type Flags, print, say, textFlag, textFlags, type Verb, WrongUse } from "./verb.ts";

const NOT_ADVICE =
  "Tillwatch keeps deadlines and prepares notices. It is not legal advice. Ask a lawyer before you rely on it.";

export const due: Verb = {
  usage: `due --rule RULE --start START --zone ZONE… [--calendar NAME]
      RULE      an id of the clocks (clocks lists them), or a span: "72h", "30 calendar days", "5 business days"
      START     a date, a wall clock's time in ZONE, or a time with its offset
      ZONE      such as Europe/Berlin; of several the earliest end counts
      NAME      holidays: ${WEEKDAYS} (Monday to Friday, the default), us-federal`,
  run(paths, flags) {
    if (paths.length > 0)
      throw new WrongUse(`"${paths[0]}" is too much. Use --rule, --start and --zone.`);
    const zones = zonesOf(flags);
    const { span, calendar, row } = ruleOf(flags);
    const startMs = startOf(flags, zones[0] ?? "UTC");
    try {
      const isBusinessDay = businessDays(calendarNamed(textFlag(flags, "calendar") ?? calendar));
      const found = dueAt(span, startMs, { zones, isBusinessDay });
      if (flags.json === true)
        print({ ...found, start: new Date(startMs).toISOString(), span, row });
      else {
        console.log(`${found.due_local} ${found.zone} (${found.due})`);
        if (found.aim !== null) console.log(`aim at ${found.aim}`);
      }
      say(NOT_ADVICE);
      return 0;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      say(error.message);
      return 1;
    }
  },
};

export const clocks: Verb = {
  usage: `clocks
      The duties that Tillwatch knows, one JSON value a line, each with source, date and confidence.`,
  run(paths) {
    if (paths.length > 0) throw new WrongUse("clocks takes no file.");
    for (const row of readClocks()) print(row);
    say(NOT_ADVICE);
    return 0;
  },
};

function zonesOf(flags: Flags): string[] {
  const zones = textFlags(flags, "zone");
  if (zones.length === 0) throw new WrongUse("--zone is needed, such as Europe/Berlin.");
  for (const zone of zones)
    if (!isTimeZone(zone)) throw new WrongUse(`--zone: there is no time zone ${zone}.`);
  return zones;
}

const SPAN =
  /^(\d{1,6})\s*(m|min|minutes?|h|hours?|d|days?|calendar[ _-]days?|bd|business[ _-]days?)$/i;

function ruleOf(flags: Flags) {
  const rule = textFlag(flags, "rule")?.trim() ?? "";
  const match = SPAN.exec(rule);
  if (match !== null) {
    const span: Span = { amount: Number(match[1]), unit: unitOf(match[2] ?? "") };
    if (span.amount < 1 || span.amount > 100_000) throw new WrongUse("--rule: from 1 to 100000.");
    return { span, calendar: WEEKDAYS, row: null };
  }
  const rows = readClocks();
  const row = rows.find(({ id }) => id === rule);
  if (row === undefined) {
    const meant = didYouMean(
      rule,
      rows.map(({ id }) => id),
    );
    throw new WrongUse(`--rule: "${rule}" is neither a clock nor a span such as 72h.${meant}`);
  }
  const span = row.deadline ?? row.our_target;
  if (span === undefined) throw new WrongUse(`${row.id} gives no number: ${row.says}.`);
  const { amount, unit } = span;
  return { span: { amount, unit }, calendar: row.deadline?.calendar ?? WEEKDAYS, row };
}

function unitOf(word: string): Span["unit"] {
  const [first] = word.toLowerCase();
  if (first === "m") return "minute";
  if (first === "h") return "hour";
  return first === "b" ? "business_day" : "calendar_day";
}

function calendarNamed(name: string) {
  if (name === WEEKDAYS) return undefined;
  const calendars = readCalendars();
  const found = calendars.find(({ id }) => id === name);
  if (found === undefined)
    throw new WrongUse(
      `--calendar: one of ${[WEEKDAYS, ...calendars.map(({ id }) => id)].join(", ")}`,
    );
  return found;
}

const WALL = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/;

function startOf(flags: Flags, zone: string): number {
  const start = textFlag(flags, "start") ?? "";
  const withZone = parseIsoTime(start);
  if (withZone !== undefined) return withZone;
  const wall = isDate(start) ? `${start}T00:00` : start.replace(" ", "T");
  if (!WALL.test(wall) || !isDate(wall.slice(0, 10)) || Number.isNaN(Date.parse(`${wall}Z`)))
    throw new WrongUse(
      "--start: a date, or a time such as 2026-03-28T10:00 or 2026-03-28T10:00:00Z",
    );
  return instantOf(wall, zone);
}
