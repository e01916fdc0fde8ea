// How Square is asked for its cash drawers: no webhook tells of them. Shifts of three days, and what happened in each.
import type { Answered, Asked, Asker, Asking, Question } from "../../../core/asking.ts";
import type { Translation } from "../../../core/delivery.ts";
import { type JsonReader, needed, readJson, ShapeFault } from "../../../core/json-reader.ts";
import { eventFacts, shiftFacts } from "./drawer-facts.ts";

/** Source: https://developer.squareup.com/docs/cashdrawershift-api/reporting */
export const squareAsking: Asking = {
  hosts: ["connect.squareup.com", "connect.squareupsandbox.com"],
  token: "an access token of your application that may read cash drawers and locations",
  headers: (token) => ({ authorization: `Bearer ${token}` }),
  polls: [{ what: "cash_drawers", everyMs: 60_000, ask, read }],
  translate,
};

const BACK_MS = 3 * 86_400_000;
/** Closed shifts change late, and seldom. */
const CLOSED_EVERY_MS = 900_000;
const PAGE = "200";
const MOST_TASKS = 400;

/** One question that is still to be asked in this round. */
type Task =
  | { t: "locations" }
  | { t: "shifts"; at: string; page?: string }
  | { t: "shift"; at: string; id: string }
  | { t: "events"; at: string; id: string; page?: string };
/** `fullAt`: when closed shifts were last looked at. `full`: this round looks at them. */
type Round = { tasks: Task[]; full: boolean; fullAt: number };

function roundOf(cursor: string | null, { nowMs }: Asker): Round {
  const kept = cursor === null ? {} : (JSON.parse(cursor) as Partial<Round>);
  const fullAt = kept.fullAt ?? 0;
  const tasks = kept.tasks ?? [];
  if (tasks.length > 0) return { tasks, fullAt, full: kept.full ?? false };
  return { tasks: [{ t: "locations" }], fullAt, full: nowMs - fullAt >= CLOSED_EVERY_MS };
}

const SHIFTS = "/v2/cash-drawers/shifts";

function ask(cursor: string | null, of: Asker): Question {
  const [task] = roundOf(cursor, of).tasks;
  if (task === undefined || task.t === "locations") return { path: "/v2/locations" };
  const location_id = task.at;
  if (task.t === "shift")
    return { path: `${SHIFTS}/${encodeURIComponent(task.id)}`, query: { location_id } };
  const page: Record<string, string> = task.page === undefined ? {} : { cursor: task.page };
  if (task.t === "events") {
    const path = `${SHIFTS}/${encodeURIComponent(task.id)}/events`;
    return { path, query: { location_id, limit: PAGE, ...page } };
  }
  const begin_time = new Date(of.nowMs - BACK_MS).toISOString();
  return { path: SHIFTS, query: { location_id, begin_time, limit: PAGE, ...page } };
}

function read(answer: JsonReader, cursor: string | null, of: Asker): Answered {
  const round = roundOf(cursor, of);
  const [task, ...rest] = round.tasks;
  const found =
    task === undefined ? { tasks: [], objects: [] } : readTask(answer, task, round.full);
  const tasks = [...found.tasks, ...rest];
  if (tasks.length > MOST_TASKS) throw new ShapeFault("answer", `at most ${MOST_TASKS} shifts`);
  const fullAt = tasks.length === 0 && round.full ? of.nowMs : round.fullAt;
  const more = tasks.length > 0;
  return {
    objects: found.objects,
    more,
    cursor: JSON.stringify({ tasks, full: round.full, fullAt }),
  };
}

type Found = { tasks: Task[]; objects: Asked[] };

function readTask(answer: JsonReader, task: Task, full: boolean): Found {
  switch (task.t) {
    case "locations": {
      const ids = each(answer, "locations").map((one) => idOf(one));
      return { tasks: ids.map((at) => ({ t: "shifts", at })), objects: [] };
    }
    case "shifts": {
      const shifts = each(answer, "cash_drawer_shifts").filter(
        (one) => full || one.text("state") !== "CLOSED",
      );
      const tasks = shifts.flatMap((one): Task[] => [
        { t: "shift", at: task.at, id: idOf(one) },
        { t: "events", at: task.at, id: idOf(one) },
      ]);
      return { tasks: [...tasks, ...nextOf(answer, task)], objects: [] };
    }
    case "shift": {
      const shift = needed(answer.object("cash_drawer_shift"), "answer.cash_drawer_shift");
      if (idOf(shift) !== task.id)
        throw new ShapeFault(`${shift.path}.id`, "the shift that was asked for");
      const object = { location_id: task.at, shift: answer.raw("cash_drawer_shift") };
      return { tasks: [], objects: [{ type: "drawer_shift", object }] };
    }
    case "events": {
      const events = answer.raw("cash_drawer_shift_events") ?? [];
      each(answer, "cash_drawer_shift_events");
      const of = { location_id: task.at, shift_id: task.id };
      const objects = (events as unknown[]).map((event) => ({
        ...{ type: "drawer_event", object: { ...of, event } },
      }));
      return { tasks: nextOf(answer, task), objects };
    }
  }
}

function nextOf(answer: JsonReader, task: Extract<Task, { page?: string }>): Task[] {
  const page = answer.text("cursor");
  if (page === undefined || page === "") return [];
  if (page === task.page || page.length > 2000)
    throw new ShapeFault("answer.cursor", "an end; the same page is named again");
  return [{ ...task, page }];
}

const idOf = (of: JsonReader): string => {
  const id = needed(of.text("id"), `${of.path}.id`);
  if (id.length > 100) throw new ShapeFault(`${of.path}.id`, "at most 100 characters");
  return id;
};

function each(of: JsonReader, name: string): JsonReader[] {
  const list = of.raw(name) ?? [];
  if (!Array.isArray(list)) throw new ShapeFault(`${of.path}.${name}`, "an array");
  return list.map((value, nth) => readJson(value, `${of.path}.${name}[${nth}]`));
}

function translate({ type, object }: Asked, account: string): Translation {
  const head = { account, delivery_key: "", live: null };
  try {
    const of = readJson(object, "object");
    const facts = type === "drawer_shift" ? shiftFacts(of) : eventFacts(of);
    if (facts.length > 0) return { ...head, outcome: "events", facts };
    return { ...head, outcome: "ignored", type };
  } catch (fault) {
    if (fault instanceof ShapeFault) return { ...head, outcome: "refused", detail: fault.message };
    throw fault;
  }
}
