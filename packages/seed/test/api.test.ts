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
    "beta",
    "binomial",
    "bool",
    "bootstrap",
    "categorical",
    "choice",
    "createCategorical",
    "createCounterStream",
    "createIndexPermutation",
    "createSeed",
    "createSeedLedger",
    "createStream",
    "deriveSeed",
    "diffSeedState",
    "dirichlet",
    "epochOrder",
    "exponential",
    "fillInt",
    "fillNormal",
    "fillUniform",
    "gamma",
    "groupSplit",
    "gumbel",
    "int",
    "kFold",
    "normal",
    "parseSeed",
    "permutation",
    "permuteIndex",
    "poisson",
    "restoreStream",
    "saveStream",
    "seedLayer",
    "seedPartSchema",
    "seedStateSchema",
    "shuffle",
    "split",
    "stableSplit",
    "stratifiedSplit",
    "streamStateSchema",
    "timeSplit",
    "truncatedNormal",
    "uniform",
    "uniformFloat32",
    "unpermuteIndex",
    "withSeed",
  ]);
});
