import { expect, test } from "vitest";

import * as api from "../src/index.ts";

test("the package exports these values", () => {
  expect(Object.keys(api).toSorted()).toEqual([
    "computeHost",
    "computeLayer",
    "computeStateSchema",
    "determinismVariables",
    "diffComputeState",
    "encodeWeights",
    "hashWeights",
    "openCompute",
    "parseComputeState",
    "parseWeights",
    "weightTensors",
  ]);
});
