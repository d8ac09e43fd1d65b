import { readFileSync } from "node:fs";

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
    "createSeededWorker",
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
    "workerSeed",
  ]);
});

it("has every code of its errors in the README, with a remedy", () => {
  const codes = readFileSync(new URL("../src/error.ts", import.meta.url), "utf8").match(/"SEED_\w+"/g) ?? [];
  const rows = readFileSync(new URL("../README.md", import.meta.url), "utf8").split("\n");
  const missing = codes.filter(
    (code) => !rows.some((row) => new RegExp(`^\\| \`${code.slice(1, -1)}\` .*\\|.*\\|.*\\|$`).test(row)),
  );
  expect(codes.length).toBeGreaterThan(15);
  expect(missing).toEqual([]);
});
