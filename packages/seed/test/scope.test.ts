import { isReproError } from "@repro/core";
import type { ReproError } from "@repro/core";
import { createSeed, createSeedLedger, createStream, uniform, withSeed } from "@repro/seed";
import type { Stream } from "@repro/seed";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { guardProcess } from "../src/guard/patch.ts";
import { createGuards } from "../src/guard/watch.ts";
import { checkOptions } from "../src/guard/guard.ts";
import type { GuardOptions } from "../src/guard/guard.ts";

const native = Math.random;
const redirect = { random: "redirect" } as const;

beforeEach(() => expect(Math.random).toBe(native));
afterEach(() => expect(Math.random).toBe(native));

/** A training that takes no seed: weights, then noise in every step, with other work between. */
async function train(steps: number): Promise<readonly number[]> {
  const weights = Array.from({ length: 4 }, () => Math.random() - 0.5);
  for (let step = 0; step < steps; step += 1) {
    await Promise.resolve();
    for (const [index, weight] of weights.entries()) weights[index] = weight * 0.9 + (Math.random() - 0.5) * 0.1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return weights;
}

async function refusalOf(run: Promise<unknown>): Promise<ReproError> {
  const error: unknown = await run.catch((reason: unknown) => reason);
  if (!isReproError(error)) throw new Error("it was not refused", { cause: error });
  return error;
}

describe("withSeed, redirect", () => {
  it("makes a program that takes no seed repeat itself, without a change to it", async () => {
    const first = await withSeed(createSeed(42), redirect, () => train(5));
    expect(await withSeed(createSeed(42), redirect, () => train(5))).toEqual(first);
    expect(await withSeed(createSeed(43), redirect, () => train(5))).not.toEqual(first);
    expect(await train(5)).not.toEqual(first);
  });

  it("draws from the stream math.random", async () => {
    const rng = createStream(createSeed(42), "math.random");
    expect(await withSeed(createSeed(42), redirect, () => [Math.random(), Math.random()])).toEqual([
      uniform(rng),
      uniform(rng),
    ]);
  });

  it("gives two trainings under Promise.all what each draws alone", async () => {
    const run = (seed: number, steps: number): Promise<readonly number[]> =>
      withSeed(createSeed(seed), redirect, () => train(steps));
    const alone = [await run(1, 7), await run(2, 3)];
    expect(await Promise.all([run(1, 7), run(2, 3)])).toEqual(alone);
  });

  it("leaves code outside alone, also while a scope is open", async () => {
    let close = (): void => undefined;
    const scope = withSeed(createSeed(42), redirect, () => new Promise<void>((resolve) => (close = resolve)));
    expect(Math.random).not.toBe(native);
    const rng = createStream(createSeed(42), "math.random");
    expect(Math.random()).not.toBe(uniform(rng));
    close();
    await scope;
  });

  it("nests, and gives the outer scope its stream back", async () => {
    const inner = await withSeed(createSeed(2), redirect, () => Math.random());
    const rng = createStream(createSeed(1), "math.random");
    const drawn = await withSeed(createSeed(1), redirect, async () => [
      Math.random(),
      await withSeed(createSeed(2), redirect, () => Math.random()),
      Math.random(),
    ]);
    expect(drawn).toEqual([uniform(rng), inner, uniform(rng)]);
  });

  it("ends when the body throws", async () => {
    const failing = withSeed(createSeed(1), redirect, () => {
      throw new Error("stop");
    });
    await expect(failing).rejects.toThrow("stop");
  });

  it("gives what outlives the body the engine's own values", async () => {
    let late: Promise<number> | undefined;
    let go = (): void => undefined;
    await withSeed(createSeed(1), redirect, () => {
      late = new Promise<void>((resolve) => (go = resolve)).then(() => Math.random());
    });
    const other = withSeed(createSeed(2), redirect, async () => {
      go();
      return late;
    });
    expect(await other).not.toBe(uniform(createStream(createSeed(1), "math.random")));
  });

  it("counts what it draws in the seed's ledger, and refuses to repeat itself there", async () => {
    const ledger = createSeedLedger();
    const seed = createSeed(42, { ledger });
    await withSeed(seed, redirect, () => train(2));
    expect(ledger.streams()).toMatchObject([{ path: ["math.random"], draws: 2 * (4 + 2 * 4) }]);
    expect((await refusalOf(withSeed(seed, redirect, () => 1))).code).toBe("SEED_PATH_REUSED");
  });

  it("passes calls on when someone who patched over it outlives it", async () => {
    const mine = 0.25;
    let inner = native;
    await withSeed(createSeed(1), redirect, () => {
      inner = Math.random;
      Math.random = () => mine + inner() * 0;
    });
    expect(Math.random()).toBe(mine);
    expect(inner()).not.toBe(uniform(createStream(createSeed(1), "math.random")));
    Math.random = native;
  });
});

describe("withSeed, throw", () => {
  it("refuses a call, and names its place and what to use instead", async () => {
    function sample(): number {
      return Math.random();
    }
    const ledger = createSeedLedger();
    const error = await refusalOf(withSeed(createSeed(1, { ledger }), { random: "throw" }, sample));
    expect(error.code).toBe("SEED_UNSEEDED_RANDOM");
    expect(error.data["site"]).toMatch(/^sample \((packages\/seed\/)?test\/scope\.test\.ts:\d+:\d+\)$/);
    expect(error.remedy).toContain("uniform(createStream(");
    expect(ledger.unseeded()).toMatchObject([{ calls: 1 }]);
  });

  it("lets a body pass that draws from streams", async () => {
    const rng = createStream(createSeed(1), "a");
    expect(await withSeed(createSeed(1), { random: "throw" }, () => uniform(rng))).toBeLessThan(1);
  });
});

describe("withSeed, record", () => {
  it("leaves the values alone and counts the calls by place", async () => {
    const ledger = createSeedLedger();
    const first = (): number => Math.random();
    function second(): number {
      return Math.random();
    }
    const drawn = await withSeed(createSeed(1, { ledger }), { random: "record" }, () => [first(), first(), second()]);
    expect(new Set(drawn).size).toBe(3);
    expect(ledger.unseeded().map(({ calls, site }) => [calls, site.split(" ")[0]])).toEqual([
      [2, "first"],
      [1, "second"],
    ]);
    expect(ledger.streams()).toEqual([]);
  });

  it("looks up the first 10,000 places only", async () => {
    const ledger = createSeedLedger();
    await withSeed(createSeed(1, { ledger }), { random: "record" }, () => {
      for (let index = 0; index < 10_007; index += 1) Math.random();
    });
    expect(ledger.unseeded().map(({ calls }) => calls)).toEqual([7, 10_000]);
  });

  it("names the calling function when native code calls", async () => {
    const ledger = createSeedLedger();
    await withSeed(createSeed(1, { ledger }), { random: "record" }, () => [1, 2].map(Math.random));
    expect(ledger.unseeded()).toMatchObject([{ calls: 2, site: expect.stringContaining("scope.test.ts") }]);
  });

  it("leaves Error as it was", async () => {
    const before = [Object.getOwnPropertyDescriptor(Error, "prepareStackTrace"), Error.stackTraceLimit];
    await withSeed(createSeed(1, { ledger: createSeedLedger() }), { random: "record" }, () => Math.random());
    expect([Object.getOwnPropertyDescriptor(Error, "prepareStackTrace"), Error.stackTraceLimit]).toEqual(before);
  });

  it("needs a ledger", async () => {
    await expect(withSeed(createSeed(1), { random: "record" }, () => 1)).rejects.toThrow(TypeError);
  });
});

it("withSeed refuses a mode that is none", async () => {
  await expect(withSeed(createSeed(1), { random: "ignore" as never }, () => 1)).rejects.toThrow(TypeError);
});

/** Guards a process, without a ledger. */
function guard(options: GuardOptions, ...path: readonly [number] | []): () => void {
  const stream = (): Stream => createStream(createSeed(path[0] ?? 0));
  return guardProcess(createGuards(checkOptions("test", options), { ledger: undefined, stream }));
}

describe("a guard of the process", () => {
  it("holds outside of scopes, the innermost first, and is undone in any order", async () => {
    const expected = [1, 2].map((seed) => createStream(createSeed(seed)));
    const endOne = guard(redirect, 1);
    const endTwo = guard(redirect, 2);
    expect(Math.random()).toBe(uniform(expected[1]!));
    const scoped = uniform(createStream(createSeed(3), "math.random"));
    expect(await withSeed(createSeed(3), redirect, () => Math.random())).toBe(scoped);
    endOne();
    expect(Math.random()).toBe(uniform(expected[1]!));
    const endThree = guard(redirect, 1);
    endTwo();
    expect(Math.random()).toBe(uniform(expected[0]!));
    endThree();
  });

  it("counts into no ledger when it has none", () => {
    const end = guard({ random: "throw" });
    expect(() => Math.random()).toThrow("without a seed");
    end();
  });
});
