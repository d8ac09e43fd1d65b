import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import nodeCrypto from "node:crypto";
import { fileURLToPath } from "node:url";

import { isReproError } from "@repro/core";
import type * as seedPackage from "@repro/seed";
import { createSeed, createSeedLedger, createStream, uniform, withSeed } from "@repro/seed";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { registerUrl } from "../src/host.ts";
import { snapshotGlobals } from "./guard/globals.ts";

let before: ReturnType<typeof snapshotGlobals>;
beforeEach(() => {
  if (!existsSync(fileURLToPath(registerUrl()))) throw new Error("build first: npx tsc -b packages/seed");
  before = snapshotGlobals();
});
afterEach(() => expect(snapshotGlobals()).toEqual(before));

const entry = new URL("index.js", registerUrl()).href;
const ALL = { random: "throw", crypto: "throw", clock: "throw" } as const;

/** Runs a program that imports the built package as `seed`, and gives what it prints. */
function runProgram(body: string, env: Readonly<Record<string, string>> = {}, flags: readonly string[] = []): string {
  const program = `import * as seed from ${JSON.stringify(entry)};\nconst s = seed.createSeed(0);\n${body}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, "--input-type=module", "--eval", program], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...env },
  });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.trim();
}

describe("globals that cannot be replaced", () => {
  it.each([
    ["Object.freeze(Math)", "Math.random"],
    ["Object.freeze(Date.prototype)", "Date"],
    ["Object.freeze(Date)", "Date.now"],
    ["Object.freeze(process.hrtime)", "process.hrtime.bigint"],
    ["Object.defineProperty(globalThis, 'Date', { writable: false, configurable: false })", "Date"],
    ["Object.freeze(Crypto.prototype)", "crypto.getRandomValues"],
  ])("%s: refused with a typed error, and nothing is replaced by halves", (freeze, api) => {
    const printed = runProgram(`${freeze};
      const read = () => [Math.random, Date, Date.now, performance.now, process.hrtime, process.hrtime.bigint,
        Crypto.prototype.randomUUID, Date.prototype.constructor];
      const before = read();
      let ran = false;
      const all = { random: "throw", crypto: "throw", clock: "throw" };
      const error = await seed.withSeed(s, all, () => { ran = true; }).catch((e) => e);
      console.log(JSON.stringify([error.code, error.data.api, ran, read().every((value, i) => value === before[i])]));`);
    expect(JSON.parse(printed)).toEqual(["SEED_GUARD_BLOCKED", api, false, true]);
  });

  it("a sealed Math can be guarded, since its values can be written", () => {
    const printed = runProgram(`Object.seal(Math);
      const native = Math.random;
      const drawn = await seed.withSeed(s, { random: "redirect" }, () => Math.random());
      console.log(JSON.stringify([drawn, Math.random === native]));`);
    expect(JSON.parse(printed)).toEqual([uniform(createStream(createSeed(0), "math.random")), true]);
  });

  it("a Math that is frozen inside of a scope keeps a function that passes on", () => {
    const printed = runProgram(`
      const drawn = await seed.withSeed(s, { random: "redirect" }, () => { Object.freeze(Math); return Math.random(); });
      console.log(JSON.stringify([drawn, Math.random() !== Math.random()]));`);
    expect(JSON.parse(printed)).toEqual([uniform(createStream(createSeed(0), "math.random")), true]);
  });
});

describe("other hands on the same functions", () => {
  it("fake timers within a scope work, and leave what they found", async () => {
    await withSeed(createSeed(0), { clock: "freeze", frozenAt: 9 }, () => {
      vi.useFakeTimers({ now: 1234, toFake: ["Date", "performance", "hrtime"] });
      expect([Date.now(), +new Date(), new Date() instanceof Date]).toEqual([1234, 1234, true]);
      vi.advanceTimersByTime(6);
      expect(Date.now()).toBe(1240);
      vi.useRealTimers();
      expect(Date.now()).toBe(9);
    });
  });

  it("fake timers around a scope are what it freezes, and come back", async () => {
    vi.useFakeTimers({ now: 1234, toFake: ["Date"] });
    const faked = Date;
    await withSeed(createSeed(0), { clock: "freeze", frozenAt: 9 }, () => {
      expect([Date.now(), +new Date(), new Date() instanceof faked]).toEqual([9, 9, true]);
    });
    expect([Date, Date.now()]).toEqual([faked, 1234]);
    vi.useRealTimers();
  });

  it("a spy within a scope sees the guarded values and is undone", async () => {
    await withSeed(createSeed(0), { random: "redirect" }, () => {
      const spy = vi.spyOn(Math, "random");
      const rng = createStream(createSeed(0), "math.random");
      expect(Math.random()).toBe(uniform(rng));
      spy.mockRestore();
      expect(Math.random()).toBe(uniform(rng));
    });
  });

  it("a function that was put over ours stays, and passes on", async () => {
    const native = nodeCrypto.randomInt;
    await withSeed(createSeed(0), { crypto: "throw" }, () => {
      const ours = nodeCrypto.randomInt;
      Reflect.set(nodeCrypto, "randomInt", (n: number) => ours(n) + n);
    });
    expect(nodeCrypto.randomInt(10)).toBeGreaterThanOrEqual(10);
    Reflect.set(nodeCrypto, "randomInt", native);
  });

  it("a call through a function that stayed over ours is counted once by the next scope", async () => {
    const native = Math.random;
    await withSeed(createSeed(0), { random: "redirect" }, () => {
      const ours = Math.random;
      Math.random = () => ours() / 2;
    });
    const ledger = createSeedLedger();
    await withSeed(createSeed(0, { ledger }), { random: "record" }, () => expect(Math.random()).toBeLessThan(0.5));
    expect(ledger.unseeded()).toMatchObject([{ calls: 1 }]);
    Math.random = native;
  });

  it("a reference that was taken in one scope is guarded in the next, and passes between them", async () => {
    const early = await withSeed(createSeed(0), { random: "throw" }, () => Math.random);
    expect(early()).toBeLessThan(1);
    const drawn = await withSeed(createSeed(3), { random: "redirect" }, () => early());
    expect(drawn).toBe(uniform(createStream(createSeed(3), "math.random")));
  });

  it("a Math.random that is an accessor is guarded, and stays one", async () => {
    const descriptor = Object.getOwnPropertyDescriptor(Math, "random")!;
    let reads = 0;
    const native = Math.random;
    Object.defineProperty(Math, "random", { configurable: true, enumerable: false, get: () => (reads++, native) });
    const accessor = Object.getOwnPropertyDescriptor(Math, "random");
    const drawn = await withSeed(createSeed(0), { random: "redirect" }, () => Math.random());
    expect(drawn).toBe(uniform(createStream(createSeed(0), "math.random")));
    expect(Object.getOwnPropertyDescriptor(Math, "random")).toEqual(accessor);
    expect(reads).toBe(1);
    Object.defineProperty(Math, "random", descriptor);
  });
});

describe("another copy of the package", () => {
  it("nests, the innermost counts", async () => {
    const copy = (await import(entry)) as typeof seedPackage;
    const seen = await withSeed(createSeed(1), { random: "redirect", clock: "freeze", frozenAt: 1 }, async () => [
      Math.random(),
      await copy.withSeed(copy.createSeed(2), { random: "redirect", clock: "freeze", frozenAt: 2 }, async () => {
        await Promise.resolve();
        return [Math.random(), Date.now(), +new Date()];
      }),
      Math.random(),
      Date.now(),
      +new Date(),
    ]);
    const rng = createStream(createSeed(1), "math.random");
    const inner = uniform(createStream(createSeed(2), "math.random"));
    expect(seen).toEqual([uniform(rng), [inner, 2, 2], uniform(rng), 1, 1]);
  });

  it("nests in either order, whatever else is open", async () => {
    const copy = (await import(entry)) as typeof seedPackage;
    const open = { ours: withSeed, theirs: copy.withSeed };
    const draw = (outer: typeof withSeed, inner: typeof withSeed): Promise<number[]> =>
      outer(createSeed(1), { random: "redirect" }, async () => [
        Math.random(),
        await inner(createSeed(2), { random: "redirect" }, () => Math.random()),
        Math.random(),
      ]);
    const rng = createStream(createSeed(1), "math.random");
    const expected = [uniform(rng), uniform(createStream(createSeed(2), "math.random")), uniform(rng)];
    for (const elsewhere of [open.ours, open.theirs]) {
      let end: (() => void) | undefined;
      const other = elsewhere(createSeed(3), ALL, () => new Promise<void>((resolve) => (end = resolve)));
      expect(await draw(open.ours, open.theirs)).toEqual(expected);
      expect(await draw(open.theirs, open.ours)).toEqual(expected);
      end?.();
      await other;
    }
  });

  it("may end out of order, and everything is put back all the same", async () => {
    const copy = (await import(entry)) as typeof seedPackage;
    const opens = [withSeed, copy.withSeed];
    for (const [first, second] of [opens, opens.toReversed()]) {
      const ends: (() => void)[] = [];
      const wait = (): Promise<void> => new Promise((resolve) => ends.push(resolve));
      const scopes = [first, second].map((open) => open!(createSeed(1), ALL, wait));
      ends[0]!();
      await scopes[0];
      expect(snapshotGlobals()).not.toEqual(before);
      ends[1]!();
      await scopes[1];
      expect(snapshotGlobals()).toEqual(before);
    }
  });
});

describe("surroundings", () => {
  it.each([{ LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" }, { TZ: "Asia/Kathmandu" }])("change nothing: %j", (env) => {
    const body = `console.log(JSON.stringify(await seed.withSeed(s, { random: "redirect", clock: "freeze" },
      () => [Math.random(), Date.now(), new Date().toISOString()])));`;
    expect(runProgram(body, env)).toBe(runProgram(body));
  });

  it("intrinsics may be frozen: then guards are refused", () => {
    const body = `const error = await seed.withSeed(s, { random: "throw" }, () => 1).catch((e) => e);
      console.log(error.code);`;
    expect(runProgram(body, {}, ["--frozen-intrinsics", "--no-warnings"])).toBe("SEED_GUARD_BLOCKED");
  });

  it("modules that import functions by name see guards come and go", () => {
    const printed = runProgram(`import { randomInt, webcrypto, getRandomValues } from "node:crypto";
      import { hrtime } from "node:process";
      import { performance } from "node:perf_hooks";
      const codes = () => [() => randomInt(5), () => webcrypto.randomUUID(), () => getRandomValues(new Uint8Array(1)),
        () => hrtime(), () => hrtime.bigint(), () => performance.now()].map((call) => {
          try { call(); return ""; } catch (error) { return error.code.startsWith("SEED_") ? error.data.api : ""; } });
      const all = { crypto: "throw", clock: "throw" };
      console.log(JSON.stringify([codes(), await seed.withSeed(s, all, codes), codes()]));`);
    const none = ["", "", "", "", "", ""];
    expect(JSON.parse(printed)).toEqual([
      none,
      [
        "node:crypto.randomInt",
        "crypto.randomUUID",
        "crypto.getRandomValues",
        "process.hrtime",
        "process.hrtime.bigint",
        "performance.now",
      ],
      none,
    ]);
  });

  it("code generation may be forbidden", () => {
    const body = `console.log(await seed.withSeed(s, { random: "redirect", clock: "freeze" }, () => +new Date()));`;
    expect(runProgram(body, {}, ["--disallow-code-generation-from-strings"])).toBe("0");
  });

  it("a thousand scopes at once leave nothing behind", async () => {
    const ledger = createSeedLedger();
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const scopes = Array.from({ length: 1000 }, (_, at) =>
      withSeed(createSeed(at, { ledger }), { clock: "freeze", frozenAt: at }, async () => {
        await turn();
        return Date.now();
      }),
    );
    expect(await Promise.all(scopes)).toEqual(Array.from({ length: 1000 }, (_, at) => at));
  });

  it("a refusal is a ReproError also where a library catches what it calls", async () => {
    const error: unknown = await withSeed(createSeed(0), ALL, () =>
      Promise.reject(new Error(String(new Date()))),
    ).catch((reason: unknown) => reason);
    expect(isReproError(error, "SEED_CLOCK_READ")).toBe(true);
  });
});
