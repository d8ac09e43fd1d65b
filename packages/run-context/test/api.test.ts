import { expect, it } from "vitest";

/** Names in the global scope, without the registry that zod keeps there. */
const globals = (): readonly string[] =>
  Object.getOwnPropertyNames(globalThis).filter((name) => !name.startsWith("__zod_"));

it("exports exactly this, and changes nothing when it is imported", async () => {
  const before = {
    env: { ...process.env },
    listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
    globals: globals(),
  };
  const exported = await import("@repro/run-context");
  expect(Object.keys(exported).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    "RUN_SCHEMA",
    "diffRuns",
    "directoryRecord",
    "encodeRunFile",
    "findTraceDivergence",
    "hashRun",
    "listProducts",
    "listRuns",
    "openRun",
    "parseRunFile",
    "readRun",
    "recordCommand",
    "replayRun",
    "rootRelative",
    "runFileSchema",
    "runRecordSchema",
    "verifyRun",
  ]);
  expect({ ...process.env }).toEqual(before.env);
  expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(before.listeners);
  expect(globals()).toEqual(before.globals);
});
