import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { runProgram } from "./program.ts";
import { storedFolder } from "./store.ts";

/** The lines of Node that run the portability lane beside the one that started it: names in `peers/node/package.json`. */
const NODE_LINES = ["node22", "node24", "node26", "node26-arm64"] as const;

/**
 * Installs the lines of Node from npm, once for each lock.
 *
 * @param source - Absolute path of the folder with `package.json` and its lock.
 * @returns Absolute paths of their programs, by name.
 */
export function installNodes(source: string): Readonly<Record<string, string>> {
  const files = ["package.json", "package-lock.json"];
  const recipe = files.map((name) => readFileSync(join(source, name), "utf8"));
  const folder = storedFolder("node", recipe, (draft) => {
    for (const name of files) copyFileSync(join(source, name), join(draft, name));
    // Forced, because one of them is for another processor.
    runProgram("npm", ["ci", "--force", "--ignore-scripts", "--no-audit", "--no-fund"], draft);
  });
  return Object.fromEntries(NODE_LINES.map((name) => [name, join(folder, "node_modules", name, "bin/node")]));
}
