// Decides whom an alert goes to next while nobody acknowledges it: a pure function of the list, the alert and its deadline.
import { type Alert, isWaiting } from "../core/alert.ts";
import { compareLevels } from "../core/level.ts";
import type { OnCall, OnCallStep } from "../core/routing.ts";

/** `step`: the place in the list that is told at `due_at`, UTC ms. */
export type Deadline = { step: number; due_at: number };

/** Places of the list to tell now, and the next deadline; null: it is over. */
export type Escalated = { tell: { step: number; to: OnCallStep } | null; next: Deadline | null };

export type EscalationGiven = {
  list: OnCall | null;
  /** False for a channel that is off or gone: the next place is told at once. */
  canTell(step: OnCallStep): boolean;
};

const OVER: Escalated = { tell: null, next: null };

/**
 * | the alert                          | at its deadline                                           |
 * |------------------------------------|-----------------------------------------------------------|
 * | open, reopened and serious enough  | tell this place, and the next one `minutes` later         |
 * | acknowledged, resolved or gone     | over                                                      |
 * | below the list's level, or no list | over                                                      |
 * | the list is at its end             | over                                                      |
 *
 * Deadlines count from when a place is told, so that after an outage each person still has their minutes.
 */
export function escalate(
  alert: Pick<Alert, "state" | "level"> | undefined,
  { list, canTell }: EscalationGiven,
  deadline: Deadline,
  now: number,
): Escalated {
  if (list === null || alert === undefined || !isWaiting(alert.state)) return OVER;
  if (compareLevels(alert.level, list.at_least) < 0) return OVER;
  if (now < deadline.due_at) return { tell: null, next: deadline };
  const step = list.steps.findIndex((to, place) => place >= deadline.step && canTell(to));
  const to = list.steps[step];
  if (to === undefined) return OVER;
  const isLast = step + 1 >= list.steps.length;
  const next = isLast ? null : { step: step + 1, due_at: now + list.minutes * 60_000 };
  return { tell: { step, to }, next };
}
