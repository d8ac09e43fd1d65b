import { expect, test } from "vitest";

test("the package exports these names", async () => {
  expect(Object.keys(await import("../src/index.ts")).toSorted()).toEqual([
    "RECORDED_VARIABLES",
    "assertInstalled",
    "captureEnv",
    "createNodeHost",
    "diffEnv",
    "envLayer",
    "envStateSchema",
    "parseEnvState",
  ]);
});
