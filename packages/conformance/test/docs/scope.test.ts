import { join } from "node:path";

import { expect, test } from "vitest";

import { ROOT } from "../../src/workspace.ts";
import { importsFor } from "./scope.ts";

const order = join(ROOT, "packages/core/src/order.ts");

test("a snippet in a doc comment has what its package exports, values and types", () => {
  expect(importsFor(order, "const x: Digest = hashBytes(y);")).toBe(
    'import { hashBytes, type Digest } from "@repro/core";',
  );
});

test("a snippet in a doc comment has what its own file exports and its package does not", () => {
  const file = join(ROOT, "packages/conformance/src/step.ts");
  expect(importsFor(file, "await runStep(step);")).toBe(`import { runStep } from ${JSON.stringify(file)};`);
});

test("a name that the snippet imports or declares itself is left to it", () => {
  expect(importsFor(order, 'import { hashBytes } from "@repro/core";\nhashBytes(x);')).toBe("");
  expect(importsFor(order, "const [{ hashBytes }] = list;\nhashBytes(x);")).toBe("");
  expect(importsFor(order, "function hashBytes() {}\nhashBytes(x);")).toBe("");
});

test("a name that only contains an exported one is not imported", () => {
  expect(importsFor(order, "rehashBytes(x);")).toBe("");
});

test("Markdown shows its imports", () => {
  expect(importsFor(join(ROOT, "packages/core/README.md"), "hashBytes(x);")).toBe("");
});
