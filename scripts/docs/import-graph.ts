// Which folder imports which, and how often, read from the code by the tool that also holds the arrows.
import { cruise } from "dependency-cruiser";

/** `imports` counts import statements between two folders; `files` the source files in each, tests left out. */
export type FolderGraph = {
  files: Map<string, number>;
  imports: { from: string; to: string; count: number }[];
};

type Cruised = { modules: { source: string; dependencies: { resolved: string }[] }[] };

const folderOf = (path: string) => path.split("/")[0] ?? "";

export async function folderGraph(root: string, folders: readonly string[]): Promise<FolderGraph> {
  const { output } = await cruise([...folders], {
    baseDir: root,
    doNotFollow: { path: "node_modules" },
    includeOnly: { path: `^(${folders.join("|")})/` },
    exclude: { path: "\\.test\\.ts$|/testing\\.ts$|/testing/" },
    tsPreCompilationDeps: true,
  });
  return countFolders(output as unknown as Cruised);
}

export function countFolders({ modules }: Cruised): FolderGraph {
  const files = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const { source, dependencies } of modules) {
    const from = folderOf(source);
    files.set(from, (files.get(from) ?? 0) + 1);
    for (const { resolved } of dependencies) {
      const to = folderOf(resolved);
      if (to !== from) counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
    }
  }
  const imports = [...counts].map(([pair, count]) => {
    const [from = "", to = ""] = pair.split(" ");
    return { from, to, count };
  });
  return {
    files,
    imports: imports.sort((a, b) => `${a.from} ${a.to}`.localeCompare(`${b.from} ${b.to}`)),
  };
}
