import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";

import { createSeed, createStream, uniform, withSeed } from "@repro/seed";
import type { GuardOptions } from "@repro/seed";
import * as fc from "fast-check";
import { expect, it } from "vitest";

// The guard of a call is looked up once for each asynchronous context. These tests compare the answers with what the shape of
// the program says, over programs of every shape.

interface Program {
  /** What the scope around it does; `undefined` for none. */
  readonly scope: "clock" | "random" | "both" | undefined;
  /** How it waits before it goes on. */
  readonly waits: keyof typeof WAITS;
  readonly children: readonly Program[];
  readonly inParallel: boolean;
}

const WAITS = {
  none: () => undefined,
  microtask: () => Promise.resolve(),
  tick: () => new Promise<void>((resolve) => process.nextTick(resolve)),
  immediate: () => new Promise<void>((resolve) => setImmediate(resolve)),
  timer: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
} as const;

const { program } = fc.letrec<{ program: Program }>((tie) => ({
  program: fc.record({
    scope: fc.constantFrom("clock", "random", "both", undefined),
    waits: fc.constantFrom(...(Object.keys(WAITS) as (keyof typeof WAITS)[])),
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie("program"), { minLength: 1, maxLength: 3 })),
    inParallel: fc.boolean(),
  }),
}));

interface Expected {
  readonly time: number | undefined;
  readonly draw: (() => number) | undefined;
}

/** Runs a program, and checks after every step that what it reads is what the scopes around it say. */
async function run(program: Program, outer: Expected, nextSeed: () => number): Promise<void> {
  const { scope, waits, children, inParallel } = program;
  const seed = nextSeed();
  const rng = createStream(createSeed(seed), "math.random");
  const inner: Expected = {
    time: scope === "clock" || scope === "both" ? seed : outer.time,
    draw: scope === "random" || scope === "both" ? () => uniform(rng) : outer.draw,
  };
  const check = ({ time, draw }: Expected): void => {
    const [now, drawn] = [Date.now(), Math.random()];
    if (time === undefined) expect(now).toBeGreaterThan(1e12);
    else expect(now).toBe(time);
    if (draw !== undefined) expect(drawn).toBe(draw());
  };
  const body = async (): Promise<void> => {
    check(inner);
    await WAITS[waits]();
    check(inner);
    const started = [];
    for (const child of children) {
      const running = run(child, inner, nextSeed);
      check(inner);
      if (inParallel) started.push(running);
      else await running;
      check(inner);
    }
    await Promise.all(started);
    check(inner);
  };
  check(outer);
  const options: GuardOptions = {
    ...(scope === "random" || scope === "both" ? { random: "redirect" } : {}),
    ...(scope === "clock" || scope === "both" ? { clock: "freeze", frozenAt: seed } : {}),
  };
  const running = scope === undefined ? body() : withSeed(createSeed(seed), options, body);
  check(outer);
  await running;
  check(outer);
}

it("every call finds the guard that the shape of the program gives it", async () => {
  await fc.assert(
    fc.asyncProperty(program, async (program) => {
      let seed = 0;
      await run(program, { time: undefined, draw: undefined }, () => (seed += 1));
    }),
  );
});

it("resources carry the guard of where they were made, and hand it back", async () => {
  const outside = new AsyncResource("outside");
  const frozen = { clock: "freeze", frozenAt: 3 } as const;
  const seen = await withSeed(createSeed(0), frozen, async () => {
    const inside = new AsyncResource("inside");
    const snapshot = AsyncLocalStorage.snapshot();
    const bound = AsyncLocalStorage.bind(() => Date.now());
    const order = [Date.now(), outside.runInAsyncScope(() => Date.now()), Date.now()];
    await Promise.resolve();
    const nested = outside.runInAsyncScope(() => [Date.now(), inside.runInAsyncScope(() => Date.now()), Date.now()]);
    const again = outside.runInAsyncScope(() => [Date.now(), snapshot(() => Date.now()), bound(), Date.now()]);
    return [order, nested, again].map((times) => times.map((time) => time === 3));
  });
  expect(seen).toEqual([
    [true, false, true],
    [false, true, false],
    [false, true, true, false],
  ]);
});

it("a resource that is entered again finds that its scope has ended", async () => {
  let close = (): void => undefined;
  const other = withSeed(createSeed(0), { clock: "throw" }, () => new Promise<void>((resolve) => (close = resolve)));
  const frozen = { clock: "freeze", frozenAt: 3 } as const;
  const inside = await withSeed(createSeed(0), frozen, () => new AsyncResource("inside"));
  const times: number[] = [];
  const ends: (() => void)[] = [];
  const scope = withSeed(createSeed(0), frozen, async () => {
    const resource = new AsyncResource("inside");
    await new Promise<void>((resolve) =>
      ends.push(resolve, () => times.push(resource.runInAsyncScope(() => Date.now()))),
    );
  });
  ends[1]!();
  ends[0]!();
  await scope;
  ends[1]!();
  expect([times[0] === 3, times[1] === 3, inside.runInAsyncScope(() => Date.now()) === 3]).toEqual([
    true,
    false,
    false,
  ]);
  close();
  await other;
});

it("another AsyncLocalStorage of the program changes nothing", async () => {
  const storage = new AsyncLocalStorage<number>();
  await withSeed(createSeed(0), { clock: "freeze", frozenAt: 3 }, async () => {
    const times = storage.run(1, () => [Date.now(), storage.run(2, () => Date.now()), storage.exit(() => Date.now())]);
    storage.enterWith(5);
    await Promise.resolve();
    expect([...times, Date.now()]).toEqual([3, 3, 3, 3]);
  });
  expect(Date.now()).toBeGreaterThan(3);
});
