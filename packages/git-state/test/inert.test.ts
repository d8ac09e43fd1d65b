import { expect, test } from "vitest";

function surroundings(): unknown {
  const listeners = process.eventNames().map((name) => [name, process.listenerCount(name)]);
  return { globals: Reflect.ownKeys(globalThis), env: { ...process.env }, listeners, cwd: process.cwd() };
}

test("importing changes no global, no variable and no listener", async () => {
  await import("zod"); // has two globals of its own, `__zod_globalConfig` and `__zod_globalRegistry`
  const before = surroundings();
  await import("../src/index.ts");
  expect(surroundings()).toEqual(before);
});
