// Runs one act and turns its ways to fail into one shape, the same for the command line and the service's door.
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { Act, ActDeps, ActResult } from "./act.ts";

/** `wrong use` means exit code 2, `refused` 1. `message` is for people. */
export type ActAnswer =
  | { ok: true; result: ActResult }
  | { ok: false; why: "refused" | "wrong use"; code: string; message: string };

/** Runs an act. Faults of ours (a store that does not answer, a bug) are thrown. */
export async function runAct(act: Act, deps: ActDeps, input: unknown): Promise<ActAnswer> {
  try {
    return { ok: true, result: await act.run(deps, input) };
  } catch (fault) {
    if (fault instanceof z.ZodError) {
      return { ok: false, why: "wrong use", code: "REQUEST_INVALID", message: inWords(fault) };
    }
    if (fault instanceof AppError && fault.status < 500) {
      const why = fault.code === "REQUEST_INVALID" ? "wrong use" : "refused";
      return { ok: false, why, code: fault.code, message: fault.message };
    }
    throw fault;
  }
}

/** Every fault with its option's name, without the value, which may be a secret. */
function inWords(fault: z.ZodError): string {
  return fault.issues
    .map((issue) => {
      const [option] = issue.path;
      if (issue.code === "unrecognized_keys")
        return `there is no --${issue.keys.join(", --")} here`;
      const missing = issue.code === "invalid_type" && issue.input === undefined;
      return `--${String(option)} ${missing ? "is needed" : issue.message}`;
    })
    .join("\n");
}
