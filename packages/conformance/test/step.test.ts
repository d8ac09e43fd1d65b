import { expect, test } from "vitest";

import { runStep } from "../src/step.ts";
import type { Command } from "../src/step.ts";

const node = (code: string): Command => ({ argv: [process.execPath, "-e", code] });

test("a step passes when all of its commands do", async () => {
  const result = await runStep({ name: "both", commands: () => [node("console.log(1)"), node("console.error(2)")] });
  expect(result).toMatchObject({ name: "both", passed: true, output: "" });
});

test("a step fails with one of its commands, runs the others all the same, and shows what the failed ones wrote", async () => {
  const commands = ["console.log(1); process.exit(3)", "console.log(2)", "console.error(3); process.exit(4)"];
  const result = await runStep({ name: "two of three", commands: () => commands.map((code) => node(code)) });
  expect(result.passed).toBe(false);
  expect(result.output.split("\n").filter((line) => !line.startsWith("$"))).toEqual(["1", "", "3", ""]);
});

test("a program that does not exist fails its step", async () => {
  const result = await runStep({ name: "none", commands: () => [{ argv: ["/nonexistent/program"] }] });
  expect(result).toMatchObject({ passed: false, output: expect.stringContaining("ENOENT") });
});

test("a step that cannot say its commands fails, and does not end the others", async () => {
  const commands = (): readonly Command[] => {
    throw new Error("nothing was packed");
  };
  expect(await runStep({ name: "none", commands })).toMatchObject({
    passed: false,
    output: "Error: nothing was packed",
  });
});

test("a program that is killed fails its step", async () => {
  const result = await runStep({ name: "killed", commands: () => [node("process.kill(process.pid, 'SIGKILL')")] });
  expect(result.passed).toBe(false);
});

test("a program that reads its input finds the end of it", async () => {
  const result = await runStep({ name: "reads", commands: () => [node("process.stdin.resume()")] });
  expect(result.passed).toBe(true);
});

test("a program that hangs is stopped, with what it started, and fails its step", async () => {
  const grandchild = `require("child_process").spawnSync(process.execPath, ["-e", "process.stdin.resume(); setInterval(() => {}, 1000)"])`;
  const result = await runStep({ name: "hangs", commands: () => [{ ...node(grandchild), limitMs: 200 }] });
  expect(result).toMatchObject({ passed: false, output: expect.stringContaining("stopped after 200 ms") });
});
