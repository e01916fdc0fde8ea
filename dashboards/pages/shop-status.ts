// "Is my shop safe today?" answered from counts: honest also about what cannot be seen.
import { type AlertState, isWaiting } from "../../core/alert.ts";
import type { AlertCount } from "../../stores/alerts.ts";

export type ShopStatus = {
  tone: "calm" | "look" | "act" | "blind";
  sentence: string;
  detail: string;
};

const IN_HAND: readonly AlertState[] = ["acknowledged", "in_progress"];

/** `eventsDay`: events of the last 24 hours, or null when the event store does not answer. */
export function shopStatus(counts: readonly AlertCount[], eventsDay: number | null): ShopStatus {
  const open = counts.filter((row) => isWaiting(row.state));
  const urgent = total(open.filter((row) => row.level === "critical" || row.level === "high"));
  const other = total(open.filter((row) => row.level === "medium" || row.level === "low"));
  const looking = total(counts.filter((row) => IN_HAND.includes(row.state)));
  const seen = `We saw ${(eventsDay ?? 0).toLocaleString("en-GB")} events in the last 24 hours.`;
  if (urgent > 0) return { tone: "act", ...urgentWords(urgent, other) };
  if (other > 0) {
    const things = other === 1 ? "One smaller thing is" : `${other} smaller things are`;
    return { tone: "look", sentence: `Nothing urgent. ${things} worth a look.`, detail: seen };
  }
  if (eventsDay === null) {
    return {
      tone: "blind",
      sentence: "No open alerts, but the event store does not answer.",
      detail: "Events are still taken and kept; they are judged when it is back.",
    };
  }
  if (eventsDay === 0) {
    return {
      tone: "blind",
      sentence: "We see no events, so we cannot tell.",
      detail:
        "No sale, refund or sign-in has reached us in the last 24 hours. Connect a source below.",
    };
  }
  const watching =
    looking > 0 ? ` ${looking} ${looking === 1 ? "is" : "are"} being looked at.` : "";
  return { tone: "calm", sentence: "Nothing unusual right now.", detail: `${seen}${watching}` };
}

function urgentWords(urgent: number, other: number): Omit<ShopStatus, "tone"> {
  const rest = other === 0 ? "" : ` ${other} smaller ${other === 1 ? "one" : "ones"} can wait.`;
  return {
    sentence: `${urgent === 1 ? "One thing needs" : `${urgent} things need`} a look now.`,
    detail: `Each says what happened and what to do.${rest}`,
  };
}

function total(rows: readonly AlertCount[]): number {
  return rows.reduce((sum, row) => sum + row.count, 0);
}
