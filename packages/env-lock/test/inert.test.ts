import { expect, test } from "vitest";

test("importing changes no global, variable or listener", async () => {
  const look = (): unknown => ({
    globals: Object.getOwnPropertyNames(globalThis),
    env: { ...process.env },
    listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
  });
  await import("zod"); // registers itself in two globals; that is zod's, and not what is asked here
  const before = look();
  await import("../src/index.ts");
  expect(look()).toEqual(before);
});
