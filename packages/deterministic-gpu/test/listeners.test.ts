import { expect, test } from "vitest";

import { openCompute } from "../src/index.ts";

const counts = (): unknown[] => process.eventNames().map((name) => [name, process.listenerCount(name)]);

// A file of its own: tfjs-wasm adds its listeners when it is started for the first time in a process.
test("starting wasm leaves no listener on the process, and takes away none", async () => {
  const own = (): void => undefined;
  process.on("uncaughtException", own);
  const before = counts();
  await using compute = await openCompute({ backend: "wasm" });
  expect(compute.backend).toBe("wasm");
  expect(counts()).toEqual(before);
  expect(process.listeners("uncaughtException")).toContain(own);
  process.off("uncaughtException", own);
});
