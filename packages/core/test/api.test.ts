import { expect, it } from "vitest";

import * as core from "@repro/core";

it("exports exactly this", () => {
  expect(Object.keys(core).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    "MAX_JSON_DEPTH",
    "ReproError",
    "canonicalText",
    "compareCodePoints",
    "diffJson",
    "dtypeOf",
    "encodeCanonical",
    "encodeTensors",
    "escapePointer",
    "hashBytes",
    "hashCanonical",
    "isDigest",
    "isReproError",
    "parseDigest",
    "parseJson",
    "parseState",
    "withoutObserved",
  ]);
});
