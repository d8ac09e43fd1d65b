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

interface Outcome {
  readonly status: number | null;
  readonly lastLine: string | undefined;
}

function program(name: string, script: string): void {
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "bin", name), 0o755);
}

function runCi(tests: string, check = "exit 0", demo = "exit 0"): Outcome {
  program("npm", `if [ "$1" = test ]; then\n${tests}\nfi\n${demo}`);
  program("npx", check);
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}` };
  const { status, stdout } = spawnSync(join(folder, ".ci/run"), { env, encoding: "utf8" });
  return { status, lastLine: stdout.trimEnd().split("\n").at(-1) };
}

const PASSED = "echo '12 passed, 0 failed, 1 skipped'";

test("it succeeds when all is well, and ends with the count of the tests", () => {
  expect(runCi(`${PASSED}; exit 0`)).toEqual({ status: 0, lastLine: "12 passed, 0 failed, 1 skipped" });
});

test.each([
  [
    "a test fails",
    "echo '11 passed, 1 failed, 1 skipped'; exit 1",
    "exit 0",
    "exit 0",
    "11 passed, 1 failed, 1 skipped",
  ],
  ["the check fails", `${PASSED}; exit 0`, "exit 1", "exit 0", "12 passed, 1 failed, 1 skipped"],
  ["the demo fails", `${PASSED}; exit 0`, "exit 0", "exit 1", "12 passed, 1 failed, 1 skipped"],
  ["both fail", `${PASSED}; exit 0`, "exit 1", "exit 1", "12 passed, 2 failed, 1 skipped"],
  ["the tests never ran", "echo broken; exit 2", "exit 0", "exit 0", "0 passed, 1 failed, 0 skipped"],
  ["the tests pass and vitest does not", `${PASSED}; exit 1`, "exit 0", "exit 0", "12 passed, 1 failed, 1 skipped"],
  [
    "there is no test",
    "echo '0 passed, 0 failed, 0 skipped'; exit 0",
    "exit 0",
    "exit 0",
    "0 passed, 1 failed, 0 skipped",
  ],
])("it fails, and counts the failure, when %s", (_, tests, check, demo, lastLine) => {
  expect(runCi(tests, check, demo)).toEqual({ status: 1, lastLine });
});

test("what is written after the count, and by later steps, does not hide it", () => {
  const outcome = runCi(`${PASSED}; echo 'coverage: 90 %' >&2; exit 0`, "echo '3 passed, 4 failed, 0 skipped'; exit 0");
  expect(outcome).toEqual({ status: 0, lastLine: "12 passed, 0 failed, 1 skipped" });
});
