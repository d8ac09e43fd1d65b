import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

import { ROOT } from "./workspace.ts";

/*
 * `npm run bench` measures everything, `npm run bench -- seed/samplers record` what is named. Each bench is a program of its
 * own, so that none meets what another did to the engine's caches.
 */

/** Benches by name: those that lie beside their package, and the one that takes all packages together. */
function benches(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const folder of readdirSync(join(ROOT, "packages")).toSorted()) {
    const beside = join(ROOT, "packages", folder, "bench");
    if (!existsSync(beside)) continue;
    for (const file of readdirSync(beside).toSorted()) {
      if (file.endsWith(".mjs")) found.set(`${folder}/${basename(file, ".mjs")}`, join(beside, file));
    }
  }
  return found.set("record", join(import.meta.dirname, "record-bench.js"));
}

const known = benches();
const names = process.argv.length > 2 ? process.argv.slice(2) : [...known.keys()];
for (const name of names) {
  const program = known.get(name);
  if (program === undefined) {
    process.stderr.write(`bench: there is no "${name}"; there are ${[...known.keys()].join(", ")}\n`);
    process.exitCode = 3;
    break;
  }
  process.stdout.write(`\n${name}\n`);
  const { status } = spawnSync(process.execPath, ["--expose-gc", program], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
