import { expect, test } from "vitest";

test("importing changes nothing, and exports these names", async () => {
  const look = (): readonly unknown[] => [
    Object.getOwnPropertyNames(globalThis).toSorted(),
    { ...process.env },
    process.eventNames().map((name) => [name, process.listenerCount(name)]),
  ];
  await import("zod"); // which sets two globals of its own
  const before = look();
  const api = await import("../src/index.ts");
  expect(look()).toEqual(before);
  expect(Object.keys(api).toSorted()).toEqual([
    "createDvcOutput",
    "dataLayer",
    "dataStateSchema",
    "diffDataState",
    "dvcIdOf",
    "encodeDvcFile",
    "fetchDvcObject",
    "findDvcCache",
    "hashFile",
    "hashTensors",
    "hashTree",
    "nodeFs",
    "parseDataState",
    "parseDvcFile",
    "verifyData",
  ]);
});
