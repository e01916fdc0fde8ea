// One mistake in a rule file, told so that its author can find and mend it.
import { AppError } from "../../../core/errors.ts";

export { didYouMean } from "../../../core/did-you-mean.ts";

export type RuleFault = { file: string; line: number; column: number; message: string };

/** `file:line:column: message`, which editors turn into a link. */
export function faultText(fault: RuleFault): string {
  return `${fault.file}:${fault.line}:${fault.column}: ${fault.message}`;
}

/** RULE_INVALID with every fault at once; they are also in `details.faults`. */
export function rulesInvalid(faults: readonly RuleFault[]): AppError {
  const count = faults.length === 1 ? "one mistake" : `${faults.length} mistakes`;
  const text = faults.slice(0, 100).map(faultText).join("\n");
  return new AppError("RULE_INVALID", `The rules have ${count}:\n${text}`, {
    details: { faults: [...faults] },
  });
}
