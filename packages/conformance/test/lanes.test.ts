import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { ROOT } from "../src/workspace.ts";

/** The configuration of each lane, relative to the repository. */
const CONFIGS = [
  "vitest.config.ts",
  "packages/conformance/vitest.peers.config.ts",
  "packages/conformance/vitest.portability.config.ts",
];

/** Names of the test files that vitest would run. */
function filesOf(config: string): readonly string[] {
  const vitest = join(ROOT, "node_modules/.bin/vitest");
  const env = { ...process.env, NO_COLOR: "1" };
  const args = ["list", "--filesOnly", "--config", join(ROOT, config)];
  const listed = execFileSync(vitest, args, { cwd: ROOT, env, encoding: "utf8" });
  return listed.split("\n").filter((line) => line !== "");
}

test("every test file is in exactly one lane", () => {
  const written = readdirSync(join(ROOT, "packages"))
    .flatMap((name) => filesUnder(`packages/${name}/test`))
    .filter((path) => path.endsWith(".test.ts"));
  const inLanes = CONFIGS.flatMap((config) => filesOf(config));
  expect(inLanes.toSorted()).toEqual(written.toSorted());
  expect(inLanes).toContain("packages/conformance/test/lanes.test.ts");
});

function filesUnder(folder: string): readonly string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
}
