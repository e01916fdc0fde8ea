// `validate`: judges playbooks and says each fault with its place and remedy.

import { formatOf } from "../../playbooks/cacao/read-text.ts";
import { type LoadedPlaybook, loadPlaybook } from "../../playbooks/cacao/validate.ts";
import { print, readFile, say, textFlags, type Verb, WrongUse } from "./verb.ts";

export const validate: Verb = {
  usage: `validate FILE… [--allow TYPE]…
      Judges CACAO 2.0 playbooks, JSON or YAML. Prints one JSON value a file.
      TYPE  a command type that your settings allow, such as bash or ssh`,
  run(paths, flags) {
    if (paths.length === 0) throw new WrongUse("Name at least one file.");
    const allowed = textFlags(flags, "allow");
    const judged = paths.map((path) => {
      const text = readFile(path);
      return { path, ...loadPlaybook(text, formatOf(path, text), { allowed }) };
    });
    for (const each of judged) {
      if (flags.json === true) print(asJson(each));
      else sayAll(each);
    }
    return judged.every(({ isValid }) => isValid) ? 0 : 1;
  },
};

type Judged = LoadedPlaybook & { path: string };

const isRunnable = ({ isValid, problems }: Judged): boolean =>
  isValid && problems.every(({ severity }) => severity !== "not_runnable");

const asJson = (judged: Judged) => ({
  file: judged.path,
  valid: judged.isValid,
  runnable: isRunnable(judged),
  problems: judged.problems,
});

function sayAll(judged: Judged): void {
  const runs = isRunnable(judged) ? "valid" : "valid, but not runnable here";
  console.log(`${judged.path}: ${judged.isValid ? runs : "not valid"}`);
  for (const { severity, path, message } of judged.problems)
    say(`  ${severity.replace("_", " ")}: ${path === "" ? "the playbook" : path}: ${message}`);
}
