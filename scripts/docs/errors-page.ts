// The tables of error codes and of what can become of an event, from the code's own.
import { ERRORS } from "../../core/errors.ts";
import { QUARANTINE_REASONS, REJECT_REASONS } from "../../core/event-outcome.ts";
import { table } from "./markers.ts";

export function errorsTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, retry, meaning }]) => [
    `\`${code}\``,
    String(status),
    retry ? "yes" : "no",
    meaning,
  ]);
  return table(["code", "status", "try again?", "meaning"], rows);
}

const reasonsTable = (reasons: Record<string, string>) =>
  table(
    ["reason", "meaning"],
    Object.entries(reasons).map(([reason, meaning]) => [`\`${reason}\``, meaning]),
  );

export const quarantineTable = () => reasonsTable(QUARANTINE_REASONS);
export const rejectTable = () => reasonsTable(REJECT_REASONS);
