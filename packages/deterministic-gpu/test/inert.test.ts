import { createRequire } from "node:module";

import { expect, test } from "vitest";
import "zod"; // sets two globals of its own when first imported: not ours to count

test("importing the package loads no TensorFlow.js, and changes no global, variable or listener", async () => {
  const listeners = (): unknown[] => process.eventNames().map((name) => [name, process.listenerCount(name)]);
  const before = [Reflect.ownKeys(globalThis), { ...process.env }, listeners()];
  await import("../src/index.ts");
  expect([Reflect.ownKeys(globalThis), { ...process.env }, listeners()]).toEqual(before);
  const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes("@tensorflow"));
  expect(loaded).toEqual([]);
});
