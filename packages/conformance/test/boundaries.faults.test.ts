import { join } from "node:path";

import ts from "typescript";
import { describe, expect, test } from "vitest";

import type { WorkspacePackage } from "../src/workspace.ts";
import { hasDefaultExport, codeLines, importsOf, unwantedInIndex } from "./boundaries/module.ts";
import { faultOf } from "./boundaries/source.ts";

/** The checks of boundaries.test.ts are as good as what they refuse: each refusal once. */
const pkg: WorkspacePackage = { folder: "made-up", path: "/made-up", manifest: { name: "made-up", version: "0.0.0" } };
const edges = { ours: ["core"], theirs: ["zod"], peers: ["@tensorflow/tfjs"] };

function faults(code: string, place = "feature.ts"): readonly (string | undefined)[] {
  return importsOf(moduleOf(code)).map((found) => faultOf(pkg, edges, join("/made-up/src", place), found));
}

function moduleOf(code: string): ts.SourceFile {
  return ts.createSourceFile("made-up.ts", code, ts.ScriptTarget.ESNext, true);
}

describe("an import is refused", () => {
  test.each([
    ['import { readFile } from "node:fs/promises";', /host\.ts only/],
    ['import { readFile } from "fs";', /written "node:fs"/],
    ['import type { Stats } from "node:fs";', /host\.ts only/],
    ['export { x } from "@repro/seed";', /not in the table/],
    ['const x = await import("@repro/seed");', /not in the table/],
    ['let x: import("@repro/seed").Seed;', /not in the table/],
    ['import { x } from "@repro/core/src/error.ts";', /not exported/],
    ['import { x } from "@repro/core/package.json";', /not exported/],
    ['import lodash from "lodash";', /not in the table/],
    ['import x = require("lodash");', /not in the table/],
    ['import * as tf from "@tensorflow/tfjs";', /is optional/],
    ['import { type Tensor, tensor } from "@tensorflow/tfjs";', /is optional/],
    ['import { x } from "../../a.ts";', /climbs/],
    ['import { x } from "../../seed/src/key.ts";', /climbs/],
    ['import { x } from "../test/a.ts";', /leaves src/],
    ['import { x } from "./a.js";', /end in \.ts/],
    ["const x = await import(name);", /computed/],
    ["const x = require(name);", /computed/],
  ])("%s", (code, fault) => {
    expect(faults(code)).toEqual([expect.stringMatching(fault)]);
  });
});

describe("an import is allowed", () => {
  test.each([
    ['import { z } from "zod";', "feature.ts"],
    ['import * as z from "zod/v4";', "feature.ts"],
    ['import { ReproError } from "@repro/core";', "feature.ts"],
    ['import type { Tensor } from "@tensorflow/tfjs";', "feature.ts"],
    ['const tf = await import("@tensorflow/tfjs");', "feature.ts"],
    ['import { x } from "../key.ts";', "folder/feature.ts"],
    ['import { readFile } from "node:fs/promises";', "host.ts"],
    ["const x = await import(name);", "host.ts"],
  ])("%s in %s", (code, place) => {
    expect(faults(code, place)).toEqual([undefined]);
  });
});

test.each([
  "export default 1;",
  "export default function f() {}",
  "const x = 1; export { x as default };",
  "export = 1;",
])("a default export is seen: %s", (code) => {
  expect(hasDefaultExport(moduleOf(code))).toBe(true);
});

test.each([
  'export * from "./a.ts";',
  'export * as a from "./a.ts";',
  'export { type A } from "./a.ts";',
  'import "./a.ts";',
  "export const a = 1;",
])("an index refuses: %s", (code) => {
  expect(unwantedInIndex(moduleOf(code))).toEqual([code]);
});

test("comments and empty lines are no code lines", () => {
  expect(codeLines(moduleOf("/** a\n * b\n */\n\nexport {\n  a, // c\n} from './a.ts';\n"))).toBe(3);
});
