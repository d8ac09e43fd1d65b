import { expect, it } from "vitest";

it("importing the package changes nothing", async () => {
  await import("zod"); // keeps its configuration in globals of its own
  const listeners = (): unknown => process.eventNames().map((name) => [name, process.listenerCount(name)]);
  const before = [Object.getOwnPropertyNames(globalThis), { ...process.env }, listeners(), Math.random];
  const errors = Object.getOwnPropertyNames(Error);
  await import("@repro/seed");
  expect([Object.getOwnPropertyNames(globalThis), { ...process.env }, listeners(), Math.random]).toEqual(before);
  expect(Object.getOwnPropertyNames(Error)).toEqual(errors);
  expect(Reflect.get(globalThis, Symbol.for("@repro/seed/register"))).toBeUndefined();
});

it("exports what the README lists", async () => {
  expect(Object.keys(await import("@repro/seed")).toSorted()).toEqual([
    "bool",
    "createCounterStream",
    "createSeed",
    "createSeedLedger",
    "createStream",
    "deriveSeed",
    "diffSeedState",
    "epochOrder",
    "fillInt",
    "fillNormal",
    "fillUniform",
    "int",
    "normal",
    "parseSeed",
    "permutation",
    "restoreStream",
    "saveStream",
    "seedLayer",
    "seedPartSchema",
    "seedStateSchema",
    "shuffle",
    "stratifiedSplit",
    "streamStateSchema",
    "uniform",
    "uniformFloat32",
    "withSeed",
  ]);
});
