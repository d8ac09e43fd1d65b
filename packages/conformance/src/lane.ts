import { spawnSync } from "node:child_process";
import { join } from "node:path";

import type { Lane } from "./lanes.ts";
import { ENGINE_PROGRAMS, PEER_PROGRAMS, installPrograms } from "./peers/debian.ts";
import { installNodes } from "./peers/node.ts";
import { installPython } from "./peers/python.ts";
import { ROOT } from "./workspace.ts";

/*
 * node packages/conformance/dist/lane.js peers|portability [arguments of vitest]: installs what the lane needs, then runs it.
 */

const CONFORMANCE = join(ROOT, "packages/conformance");

/** Installs what the tests of a lane need, and says where it is in the variables that they read. */
const PREPARE: Readonly<Record<Exclude<Lane, "tests">, () => Readonly<Record<string, string>>>> = {
  peers: () => {
    installPrograms(PEER_PROGRAMS);
    const python = installPython(join(CONFORMANCE, "peers/requirements.txt"));
    return { REPRO_PEER_PYTHON: python, REPRO_PEER_TORCH_PYTHON: python };
  },
  portability: () => {
    installPrograms(ENGINE_PROGRAMS);
    return { REPRO_PEER_NODES: JSON.stringify(installNodes(join(CONFORMANCE, "peers/node"))) };
  },
};

function runLane(lane: keyof typeof PREPARE, args: readonly string[]): number {
  const started = performance.now();
  const variables = PREPARE[lane]();
  process.stdout.write(`installed in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  const config = join(CONFORMANCE, `vitest.${lane}.config.ts`);
  const vitest = join(ROOT, "node_modules/.bin/vitest");
  const env = { ...process.env, ...variables };
  return spawnSync(vitest, ["run", "--config", config, ...args], { cwd: ROOT, env, stdio: "inherit" }).status ?? 1;
}

function main([lane, ...args]: readonly string[]): number {
  if (lane !== "peers" && lane !== "portability") throw new Error(`a lane is peers or portability, got ${lane}`);
  try {
    return runLane(lane, args);
  } catch (error) {
    // A lane without its peers is a failure of its own: nothing is skipped.
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n0 passed, 1 failed, 0 skipped\n`);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
