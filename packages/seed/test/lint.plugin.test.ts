import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { createSeedLintPlugin, findSeedTraps } from "@repro/seed/lint";
import type { SeedLintContext, SeedTrap } from "@repro/seed/lint";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";

import { RULES } from "../src/lint/trap.ts";

const folder = mkdtempSync(join(tmpdir(), "repro-lint-"));

const SOURCE = [
  'import * as tf from "@tensorflow/tfjs-node";',
  "export const w = tf.randomNormal([2], 0, 1, 'float32', 0 as number);",
  "// repro-seed-ignore math-random: only an animation",
  "export const x: number = Math.random();",
  "export const y = tf?.layers.dropout({ rate: 0.5, seed: 7 })!;",
  "for (const r of [Math.random]) xs.sort(() => r() - 0.5);",
  "const { random } = Math;",
  "const seed = tf.util.now() + Date.now();",
  "class A { seed = crypto.randomUUID(); static { Math.random = () => 0; } }",
  "export const plain = tf.layers.dense({ units: 1 });",
  "names.toSorted((a, b) => a.id?.localeCompare(b.id)); // repro-seed-ignore locale-order",
  "",
].join("\n");

/** oxlint's own findings, in the order of the text. */
interface OxlintReport {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly labels: readonly { readonly span: { readonly line: number; readonly column: number } }[];
  }[];
}

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL("../src/lint.ts", import.meta.url))],
    outfile: join(folder, "lint.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["@repro/source"],
    external: ["@babel/parser"],
    logLevel: "error",
  });
  writeFileSync(
    join(folder, "plugin.mjs"),
    'import { createSeedLintPlugin } from "./lint.mjs";\nexport default createSeedLintPlugin();\n',
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

it("gives in oxlint, by oxlint's own parser, what findSeedTraps gives, but no info of rules that warn", async () => {
  const rules = Object.fromEntries(Object.keys(RULES).map((name) => [`repro-seed/${name}`, "error"]));
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({ jsPlugins: ["./plugin.mjs"], categories: { correctness: "off" }, rules }),
  );
  writeFileSync(join(folder, "source.ts"), SOURCE);
  const root = createRequire(new URL("../../../package.json", import.meta.url));
  const oxlint = join(dirname(root.resolve("oxlint/package.json")), "bin/oxlint");
  let output = "";
  try {
    output = execFileSync(process.execPath, [oxlint, "-c", "config.json", "--format", "json", "source.ts"], {
      cwd: folder,
      encoding: "utf8",
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout; // it found something, and says so by its exit code
  }
  const { diagnostics } = JSON.parse(output) as OxlintReport;
  const found = diagnostics.map(({ code, labels: [label] }) => {
    const name = /repro-seed\(([a-z-]+)\)/.exec(code)?.[1] ?? code;
    return `${label?.span.line}:${label?.span.column} ${name}`;
  });
  const traps = await findSeedTraps(SOURCE, { file: "source.ts" });
  const isShown = ({ rule, severity }: SeedTrap): boolean => severity !== "info" || rule === "locale-order";
  expect(traps.filter((trap) => !isShown(trap)).map(({ rule }) => rule)).toEqual(["unseeded-initializer"]);
  const expected = traps.filter(isShown).map((trap) => `${trap.line}:${trap.column} ${trap.rule}`);
  expect(found.toSorted()).toEqual(expected.toSorted());
  expect(expected).toEqual([
    "2:56 zero-seed",
    "5:56 repeated-draws",
    "6:18 captured-random",
    "6:40 random-comparator",
    "7:9 captured-random",
    "8:14 clock-seed",
    "8:30 clock-seed",
    "9:18 entropy-seed",
    "9:48 replaced-random",
    "11:32 locale-order",
    "11:54 suppression",
  ]);
});

it("analyses a tree once for all rules, and reports only what is of each", () => {
  const plugin = createSeedLintPlugin();
  const reports: string[] = [];
  let reads = 0;
  const program = {
    type: "Program",
    comments: [{ type: "Block", value: " repro-seed-ignore " }, 7],
    get body() {
      reads += 1;
      return [];
    },
  };
  const context: SeedLintContext = {
    filename: "a.ts",
    sourceCode: { text: "/* repro-seed-ignore */" },
    report: ({ message }) => void reports.push(message),
  };
  for (const rule of Object.values(plugin.rules)) rule.create(context).Program(program);
  expect(reads).toBe(1);
  expect(reports).toEqual([expect.stringContaining("this suppression names no rule")]);
  plugin.rules["zero-seed"].create(context).Program(undefined);
});

it("describes every rule", () => {
  const { meta, rules } = createSeedLintPlugin();
  expect(meta.name).toBe("repro-seed");
  expect(Object.keys(rules)).toEqual(Object.keys(RULES));
  for (const { meta: about } of Object.values(rules)) expect(about).toMatchObject({ type: "problem", schema: [] });
});
