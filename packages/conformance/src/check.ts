import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Command, Step, StepResult } from "./step.ts";
import { runStep } from "./step.ts";
import { ROOT, entryPoints, publishedPackages } from "./workspace.ts";

/** Where the tools of this package are; the other tools belong to the repository. */
const CONFORMANCE = join(ROOT, "packages/conformance");

/** All tests together, on two cores that others use as well. */
const TESTS_LIMIT_MS = 1_200_000;

/** pnpm is not installed by pnpm: it is fetched in the version that the root's `setup` script pins. */
const PNPM = ["npx", "--yes", "pnpm@12.21.0"];

/** In the order in which a mistake is cheapest to find. Each has its turn, whatever came of the ones before. */
function steps(packed: string): readonly Step[] {
  return [
    step("lint", () => [tool("oxlint", "--type-aware", "--deny-warnings")]),
    step("format", () => [tool("oxfmt", "--check", ".")]),
    step("types of tests", () => [tool("tsc", "--noEmit", "-p", "packages/conformance/tsconfig.test.json")]),
    step("tests, coverage", () => [{ ...tool("vitest", "run", "--coverage"), limitMs: TESTS_LIMIT_MS }]),
    step("api reports", () => [{ argv: [process.execPath, join(CONFORMANCE, "dist/api.js")] }]),
    step("pack", () => [{ argv: [...PNPM, ...workspaceFilter(), "pack", "--pack-destination", packed] }]),
    step("publint", () => tarballs(packed).map((path) => ownTool("publint", "run", path, "--strict"))),
    step("types of packages", () => tarballs(packed).map((path) => ownTool("attw", path, "--profile", "esm-only"))),
    step("unused code", () => [tool("knip", "--no-config-hints", "--config", "packages/conformance/knip.jsonc")]),
    step("size", () => [ownTool("size-limit")]),
    step("documentation", () => [tool("typedoc", ...typedocArguments())]),
  ];
}

function step(name: string, commands: () => readonly Command[]): Step {
  return { name, commands };
}

function tool(name: string, ...args: readonly string[]): Command {
  return { argv: [join(ROOT, "node_modules/.bin", name), ...args] };
}

function ownTool(name: string, ...args: readonly string[]): Command {
  return { argv: [join(CONFORMANCE, "node_modules/.bin", name), ...args], cwd: CONFORMANCE };
}

function workspaceFilter(): readonly string[] {
  return publishedPackages().flatMap(({ manifest }) => ["--filter", manifest.name]);
}

function tarballs(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  const wanted = publishedPackages().length;
  if (names.length !== wanted) throw new Error(`${wanted} packages were to be packed, ${names.length} were`);
  return names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name));
}

function typedocArguments(): readonly string[] {
  const modules = publishedPackages().flatMap((pkg) => entryPoints(pkg).map(({ source }) => source));
  return ["--options", join(CONFORMANCE, "typedoc.json"), ...modules.filter((path) => existsSync(path))];
}

async function main(): Promise<number> {
  const packed = mkdtempSync(join(tmpdir(), "repro-pack-"));
  const failed: StepResult[] = [];
  try {
    for (const next of steps(packed)) {
      const result = await runStep(next);
      process.stdout.write(rowOf(result));
      if (!result.passed) failed.push(result);
    }
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
  for (const { name, output } of failed) process.stdout.write(`\n${name}:\n${output.trimEnd()}\n`);
  process.stdout.write(`\n${failed.length === 0 ? "every step passed" : `${failed.length} steps failed`}\n`);
  return failed.length === 0 ? 0 : 1;
}

function rowOf({ name, passed, durationMs }: StepResult): string {
  return `${name.padEnd(20)}${(passed ? "ok" : "FAILED").padEnd(8)}${(durationMs / 1000).toFixed(1).padStart(6)} s\n`;
}

process.exitCode = await main();
