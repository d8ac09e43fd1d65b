import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { ROOT } from "../src/workspace.ts";

/** `.ci/run` in a folder of its own, with programs in place of npm and npx that say and answer what a test wants. */
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "repro-ci-"));
  mkdirSync(join(folder, ".ci"));
  mkdirSync(join(folder, "bin"));
  copyFileSync(join(ROOT, ".ci/run"), join(folder, ".ci/run"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Shell commands in place of the steps; each that is left out succeeds, and a lane counts. */
interface Steps {
  readonly tests?: string;
  readonly check?: string;
  readonly demo?: string;
  readonly peers?: string;
  readonly portability?: string;
}

interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly lastLine: string | undefined;
}

function program(name: string, script: string): void {
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "bin", name), 0o755);
}

const PASSED = "echo '12 passed, 0 failed, 1 skipped'";
const LANE = "echo '2 passed, 0 failed, 0 skipped'";

function runCi(steps: Steps = {}): Outcome {
  const { tests = PASSED, check = "exit 0", demo = "exit 0", peers = LANE, portability = LANE } = steps;
  const cases = { test: tests, "run demo": demo, "run test:peers": peers, "run test:portability": portability };
  const branches = Object.entries(cases).map(([words, script]) => `"${words}") ${script} ;;`);
  program("npm", `case "$*" in\n${branches.join("\n")}\n*) echo "unknown: $*"; exit 9 ;;\nesac`);
  program("npx", check);
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}` };
  const { status, stdout } = spawnSync(join(folder, ".ci/run"), { env, encoding: "utf8" });
  return { status, output: stdout, lastLine: stdout.trimEnd().split("\n").at(-1) };
}

test("it succeeds when all is well, and ends with the count of the tests of all lanes", () => {
  expect(runCi()).toMatchObject({ status: 0, lastLine: "16 passed, 0 failed, 1 skipped" });
});

test.each<[string, Steps, string]>([
  ["a test fails", { tests: "echo '11 passed, 1 failed, 1 skipped'; exit 1" }, "15 passed, 1 failed, 1 skipped"],
  [
    "a test fails and nobody says so",
    { tests: "echo '11 passed, 1 failed, 1 skipped'" },
    "15 passed, 2 failed, 1 skipped",
  ],
  ["the check fails", { check: "exit 1" }, "16 passed, 1 failed, 1 skipped"],
  ["the demo fails", { demo: "exit 1" }, "16 passed, 1 failed, 1 skipped"],
  ["both fail", { check: "exit 1", demo: "exit 1" }, "16 passed, 2 failed, 1 skipped"],
  ["the tests never ran", { tests: "echo broken; exit 2" }, "4 passed, 1 failed, 0 skipped"],
  ["the tests pass and vitest does not", { tests: `${PASSED}; exit 1` }, "16 passed, 1 failed, 1 skipped"],
  ["there is no test", { tests: "echo '0 passed, 0 failed, 0 skipped'" }, "4 passed, 1 failed, 0 skipped"],
  ["a peer differs", { peers: "echo '1 passed, 3 failed, 0 skipped'; exit 1" }, "15 passed, 3 failed, 1 skipped"],
  ["a peer is missing", { peers: "echo '0 passed, 1 failed, 0 skipped'; exit 1" }, "14 passed, 1 failed, 1 skipped"],
  ["the peers say nothing", { peers: "exit 0" }, "14 passed, 1 failed, 1 skipped"],
  ["the engines say nothing", { portability: "exit 7" }, "14 passed, 1 failed, 1 skipped"],
  [
    "every step fails",
    { tests: "exit 1", check: "exit 1", demo: "exit 1", peers: "exit 1", portability: "exit 1" },
    "0 passed, 5 failed, 0 skipped",
  ],
])("it fails, and counts the failure, when %s", (_, steps, lastLine) => {
  expect(runCi(steps)).toMatchObject({ status: 1, lastLine });
});

test("what is written after the count, and by steps that are no lane, does not hide it", () => {
  const outcome = runCi({
    tests: `${PASSED}; echo 'coverage: 90 %' >&2`,
    check: "echo '3 passed, 4 failed, 0 skipped'; exit 0",
  });
  expect(outcome).toMatchObject({ status: 0, lastLine: "16 passed, 0 failed, 1 skipped" });
});

test("it shows what each step wrote, names the ones that failed, and says how long each took", () => {
  const { output } = runCi({ peers: "echo 'gjs is missing'; exit 1" });
  expect(output).toContain("gjs is missing");
  expect(output).toContain("failed: npm run test:peers\n");
  expect(output.match(/^== .*: \d+ s$/gm)).toHaveLength(5);
});

test("each lane must have the peers that every machine has", () => {
  expect(runCi({ tests: `echo "required: $REPRO_REQUIRE_PEERS"; ${PASSED}` }).output).toContain(
    "required: coreutils,git,npm\n",
  );
});
