// node packages/seed/test/golden/write.mjs: writes golden.json with the node that runs it. What is in it changes only in a major.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { buildSync } from "esbuild";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { outputFiles } = buildSync({
  entryPoints: [here("main.ts")],
  bundle: true,
  conditions: ["@repro/source"],
  format: "iife",
  write: false,
});
const { small, full } = JSON.parse(execFileSync(process.execPath, ["-"], { input: outputFiles[0].text }).toString());
const golden = {
  title: "changes only in a major",
  madeWith: "node packages/seed/test/golden/write.mjs",
  small,
  full,
};
writeFileSync(here("golden.json"), `${JSON.stringify(golden, null, 2)}\n`);
