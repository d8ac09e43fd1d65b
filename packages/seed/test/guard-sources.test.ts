import * as nodeCrypto from "node:crypto";
import { randomInt, randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { hrtime } from "node:process";
import { types } from "node:util";

import { isReproError } from "@repro/core";
import { createSeed, createSeedLedger, createStream, deriveSeed, uniform, withSeed } from "@repro/seed";
import type { UnseededUse, GuardOptions } from "@repro/seed";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { snapshotGlobals } from "./guard/globals.ts";

let before: ReturnType<typeof snapshotGlobals>;
beforeEach(() => {
  before = snapshotGlobals();
});
afterEach(() => expect(snapshotGlobals()).toEqual(before));

const crypto = globalThis.crypto;
const FROZEN = { clock: "freeze", frozenAt: 1_700_000_000_000 } as const;

async function inScope<T>(options: GuardOptions, body: () => T | Promise<T>): Promise<T> {
  return withSeed(createSeed(0), options, body);
}

/** One call for each source but those that make keys, which take long. */
const CALLS: readonly (readonly [UnseededUse["api"], () => unknown])[] = [
  ["Math.random", () => Math.random()],
  ["crypto.getRandomValues", () => crypto.getRandomValues(new Uint8Array(4))],
  ["crypto.randomUUID", () => crypto.randomUUID()],
  ["node:crypto.randomBytes", () => nodeCrypto.randomBytes(4)],
  ["node:crypto.randomFillSync", () => nodeCrypto.randomFillSync(new Uint8Array(4))],
  ["node:crypto.randomInt", () => randomInt(10)],
  ["node:crypto.randomUUID", () => randomUUID()],
  ["Date", () => new Date()],
  ["Date", () => Date()],
  ["Date.now", () => Date.now()],
  ["performance.now", () => performance.now()],
  ["performance.timeOrigin", () => performance.timeOrigin],
  ["process.hrtime", () => process.hrtime()],
  ["process.hrtime", () => hrtime()],
  ["process.hrtime.bigint", () => process.hrtime.bigint()],
];
const CODES = { random: "SEED_UNSEEDED_RANDOM", crypto: "SEED_UNSEEDED_CRYPTO", clock: "SEED_CLOCK_READ" } as const;
const KINDS = ["random", "crypto", "clock"] as const;
const kindOf = (api: string): (typeof KINDS)[number] =>
  api === "Math.random" ? "random" : api.includes("crypto") ? "crypto" : "clock";

describe.each(CALLS)("%s", (api, call) => {
  const kind = kindOf(api);

  it("is refused with its place and what to use instead", async () => {
    const ledger = createSeedLedger();
    function sample(): unknown {
      return call();
    }
    const error: unknown = await withSeed(createSeed(0, { ledger }), { [kind]: "throw" }, sample).catch(
      (reason: unknown) => reason,
    );
    if (!isReproError(error, CODES[kind])) throw error;
    expect(error.data).toEqual({ api, site: expect.stringMatching(/guard-sources\.test\.ts:\d+:\d+\)$/) });
    expect(error.remedy).toBeTruthy();
    expect(ledger.unseeded()).toMatchObject([{ api, calls: 1 }]);
  });

  it("is counted once, and goes on as ever", async () => {
    const ledger = createSeedLedger();
    const drawn = await withSeed(createSeed(0, { ledger }), { [kind]: "record" }, call);
    expect(typeof drawn).toBe(typeof call());
    expect(ledger.unseeded()).toMatchObject([{ api, calls: 1 }]);
  });

  it("is left alone by guards of other kinds", async () => {
    const others = Object.fromEntries(KINDS.filter((other) => other !== kind).map((other) => [other, "throw"]));
    await inScope(others, call);
  });
});

describe("functions of node:crypto", () => {
  it("are refused and counted in every form", async () => {
    const ledger = createSeedLedger();
    const callback = (): void => undefined;
    const calls = (): readonly (() => unknown)[] => [
      () => nodeCrypto.generateKey("hmac", { length: 64 }, callback),
      () => nodeCrypto.generateKeyPair("ed25519", {}, callback),
      () => nodeCrypto.generateKeyPairSync("ed25519"),
      () => nodeCrypto.generateKeySync("hmac", { length: 64 }),
      () => nodeCrypto.generatePrime(16, callback),
      () => nodeCrypto.generatePrimeSync(16),
      () => (nodeCrypto as unknown as { default: { prng(n: number): unknown } }).default.prng(1),
      () => nodeCrypto.pseudoRandomBytes(1),
      () => nodeCrypto.randomFill(new Uint8Array(1), callback),
      () => (nodeCrypto as unknown as { default: { rng(n: number): unknown } }).default.rng(1),
      () => crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
    ];
    const count = calls().length;
    await withSeed(createSeed(0, { ledger }), { crypto: "throw" }, () => {
      for (const call of calls()) expect(call).toThrow(expect.objectContaining({ code: "SEED_UNSEEDED_CRYPTO" }));
    });
    expect(ledger.unseeded().map(({ calls }) => calls)).toEqual(Array.from({ length: count }, () => 1));
    expect(new Set(ledger.unseeded().map(({ api }) => api)).size).toBe(count);
  });

  it("keep their names and what promisify needs", async () => {
    const { promisify } = await import("node:util");
    await inScope({ crypto: "throw" }, () => {
      expect(nodeCrypto.randomBytes.name).toBe("randomBytes");
      expect(Object.getOwnPropertySymbols(nodeCrypto.generateKeyPair).map(String)).toContain(
        "Symbol(customPromisifyArgs)",
      );
    });
    const ledger = createSeedLedger();
    const pair = await withSeed(createSeed(0, { ledger }), { crypto: "record" }, async () =>
      promisify(nodeCrypto.generateKeyPair)("ed25519"),
    );
    expect(Object.keys(pair).toSorted()).toEqual(["privateKey", "publicKey"]);
  });

  it("are seen through every door of Web Crypto", async () => {
    await inScope({ crypto: "throw" }, () => {
      for (const door of [nodeCrypto.webcrypto, globalThis.crypto]) {
        expect(() => door.randomUUID()).toThrow("crypto.randomUUID was called");
      }
      expect(() => nodeCrypto.getRandomValues(new Uint8Array(1))).toThrow("crypto.getRandomValues was called");
    });
  });
});

describe("a frozen clock", () => {
  it("stands where it was told to", async () => {
    await inScope(FROZEN, async () => {
      const start = [Date.now(), +new Date(), performance.now(), process.hrtime(), process.hrtime.bigint()];
      expect(start).toEqual([FROZEN.frozenAt, FROZEN.frozenAt, 0, [0, 0], 0n]);
      await new Promise((resolve) => setTimeout(resolve, 2)); // timers still fire
      expect([Date.now(), +new Date(), performance.now(), hrtime(), hrtime.bigint()]).toEqual(start);
      expect(Date()).toBe(new Date(FROZEN.frozenAt).toString());
      expect(performance.timeOrigin + performance.now()).toBe(Date.now());
      expect(process.hrtime([1, 5])).toEqual([-2, 999_999_995]);
      expect(process.hrtime([1, 0])).toEqual([-1, 0]);
    });
    await inScope({ clock: "freeze" }, () => expect([Date.now(), performance.timeOrigin]).toEqual([0, 0]));
  });

  it("checks arguments and receivers as before", async () => {
    await inScope(FROZEN, () => {
      expect(() => process.hrtime("1" as never)).toThrow(TypeError);
      expect(() => Reflect.apply(performance.now, {}, [])).toThrow(TypeError);
    });
  });

  it("leaves every other Date as it was", async () => {
    const outer = new Date(5);
    const Native = Date;
    await inScope(FROZEN, () => {
      expect([Date.length, Date.name, Date.prototype]).toEqual([7, "Date", Native.prototype]);
      expect(Object.getOwnPropertyNames(Date).toSorted()).toEqual(Object.getOwnPropertyNames(Native).toSorted());
      expect([Date.parse("1970-01-01T00:00:01Z"), Date.UTC(1970, 0, 1, 0, 0, 2)]).toEqual([1000, 2000]);
      expect(new Date(0).toISOString()).toBe("1970-01-01T00:00:00.000Z");
      expect(new Date(2020, 1, 29).getMonth()).toBe(1);
      expect(Number.isNaN(+new Date(undefined as never))).toBe(true);
      expect(+new Date(outer)).toBe(5);
      expect([outer instanceof Date, new Date() instanceof Date, new Date() instanceof Native]).toEqual([
        true,
        true,
        true,
      ]);
      expect([outer.constructor === Date, new Date().constructor === Date]).toEqual([true, true]);
      expect([types.isDate(new Date()), Object.prototype.toString.call(new Date())]).toEqual([true, "[object Date]"]);
      expect(+structuredClone(new Date())).toBe(FROZEN.frozenAt);
      expect(JSON.stringify(new Date())).toBe('"2023-11-14T22:13:20.000Z"');
      expect(new Date(7)[Symbol.toPrimitive]("number")).toBe(7);
      expect(new (new Date().constructor as DateConstructor)().getTime()).toBe(FROZEN.frozenAt);
    });
  });

  it("lets classes extend Date, from within and from without", async () => {
    class Before extends Date {}
    await inScope(FROZEN, () => {
      class Within extends Date {
        twice(): number {
          return 2 * +this;
        }
      }
      const date = new Within();
      expect([date instanceof Within, date instanceof Date, date.twice()]).toEqual([true, true, 2 * FROZEN.frozenAt]);
      expect(new Within(21).twice()).toBe(42);
      expect(Object.getPrototypeOf(Within)).toBe(Date);
      expect(Reflect.construct(Date, [3], Before)).toBeInstanceOf(Before);
      expect(+new Before(1)).toBe(1);
    });
  });
});

describe("scopes", () => {
  it("nest source by source: what the inner one leaves out stays with the outer one", async () => {
    const outer = uniform(createStream(createSeed(1), "math.random"));
    await withSeed(createSeed(1), { random: "redirect", clock: "freeze", frozenAt: 1 }, async () => {
      await withSeed(createSeed(2), { clock: "freeze", frozenAt: 2, crypto: "throw" }, async () => {
        await Promise.resolve();
        expect([Date.now(), Math.random()]).toEqual([2, outer]);
        expect(() => crypto.randomUUID()).toThrow("crypto.randomUUID");
      });
      expect([Date.now(), typeof crypto.randomUUID()]).toEqual([1, "string"]);
    });
  });

  it("give what outlives an inner one to the outer one", async () => {
    await withSeed(createSeed(1), { clock: "freeze", frozenAt: 1 }, async () => {
      let go = (): void => undefined;
      let late: Promise<number> | undefined;
      await withSeed(createSeed(2), { clock: "freeze", frozenAt: 2 }, () => {
        late = new Promise<void>((resolve) => (go = resolve)).then(() => Date.now());
      });
      go();
      expect(await late).toBe(1);
    });
  });

  it("do not mix under Promise.all, whatever their modes", async () => {
    const ledger = createSeedLedger();
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const body = async (): Promise<readonly unknown[]> => {
      const seen: unknown[] = [];
      for (let step = 0; step < 5; step += 1) {
        await turn();
        for (const read of [() => Math.random(), () => Date.now(), () => crypto.randomUUID().length]) {
          try {
            seen.push(read());
          } catch (error) {
            seen.push(isReproError(error) ? error.code : error);
          }
        }
      }
      return seen;
    };
    const root = createSeed(1, { ledger });
    const modes: readonly GuardOptions[] = [
      { random: "redirect", clock: "freeze", frozenAt: 7 },
      { random: "redirect", crypto: "throw", clock: "freeze", frozenAt: 8 },
      { random: "throw", clock: "throw" },
      { crypto: "record" },
    ];
    const seen = await Promise.all(modes.map((mode, index) => withSeed(deriveSeed(root, index), mode, body)));
    const stream = (index: number): number[] => {
      const rng = createStream(createSeed(1), index, "math.random");
      return Array.from({ length: 5 }, () => uniform(rng));
    };
    expect(seen[0]).toEqual(stream(0).flatMap((value) => [value, 7, 36]));
    expect(seen[1]).toEqual(stream(1).flatMap((value) => [value, 8, "SEED_UNSEEDED_CRYPTO"]));
    expect(seen[2]).toEqual(Array.from({ length: 5 }, () => ["SEED_UNSEEDED_RANDOM", "SEED_CLOCK_READ", 36]).flat());
    expect(seen[3]!.filter((_, index) => index % 3 === 2)).toEqual([36, 36, 36, 36, 36]);
    const counted = new Map(ledger.unseeded().map(({ api, calls }) => [api, calls]));
    expect(counted).toEqual(
      new Map([
        ["Date.now", 5],
        ["Math.random", 5],
        ["crypto.randomUUID", 10],
      ]),
    );
  });

  it("see the right guard in the same turn before, within and behind the body", async () => {
    const rng = createStream(createSeed(5), "math.random");
    const seen: number[] = [];
    let close = (): void => undefined;
    const other = withSeed(
      createSeed(9),
      { random: "redirect" },
      () => new Promise<void>((resolve) => (close = resolve)),
    );
    const outside = Math.random(); // the answer for this context is kept
    const scope = withSeed(createSeed(5), { random: "redirect" }, async () => {
      seen.push(Math.random());
      const inner = withSeed(createSeed(6), { random: "redirect" }, () => seen.push(Math.random()));
      seen.push(Math.random());
      await inner;
      seen.push(Math.random());
    });
    const behind = Math.random();
    await scope;
    const inner = uniform(createStream(createSeed(6), "math.random"));
    expect(seen).toEqual([uniform(rng), inner, uniform(rng), uniform(rng)]);
    expect([outside, behind].some((value) => seen.includes(value))).toBe(false);
    close();
    await other;
  });

  it("hold in generators, timers, ticks, microtasks and thenables", async () => {
    function* draws(): Generator<number> {
      for (;;) yield Date.now();
    }
    const outside = draws();
    expect(outside.next().value).toBeGreaterThan(FROZEN.frozenAt);
    const seen = await inScope(FROZEN, async () => {
      const read = (schedule: (callback: () => void) => void): Promise<number> =>
        new Promise((resolve) => schedule(() => resolve(Date.now())));
      // oxlint-disable-next-line unicorn/no-thenable -- awaiting one is what is tested
      const lazy = { then: (resolve: (value: number) => void) => resolve(Date.now()) };
      return [
        outside.next().value as number, // whoever asks is what counts, not who made it
        await read(queueMicrotask),
        await read((callback) => process.nextTick(callback)),
        await read((callback) => void setImmediate(callback)),
        await read((callback) => void setTimeout(callback, 1)),
        await lazy,
        ...(await Promise.all([1, 2].map(async () => Date.now()))),
      ];
    });
    expect(new Set(seen)).toEqual(new Set([FROZEN.frozenAt]));
    expect(outside.next().value).toBeGreaterThan(FROZEN.frozenAt);
  });

  it("belong to whoever emits an event, not to whoever listens", async () => {
    const emitter = new EventEmitter();
    const seen: number[] = [];
    emitter.on("step", () => seen.push(Date.now()));
    emitter.emit("step");
    await inScope(FROZEN, () => emitter.emit("step"));
    expect([seen[0]! > FROZEN.frozenAt, seen[1]]).toEqual([true, FROZEN.frozenAt]);
  });

  it("are over for a timer that outlives them", async () => {
    let late: Promise<number> | undefined;
    await inScope({ ...FROZEN, random: "throw", crypto: "throw" }, () => {
      late = new Promise((resolve) => setTimeout(() => resolve(Date.now() + Math.random()), 1));
    });
    expect(await late).toBeGreaterThan(FROZEN.frozenAt);
  });

  it("put everything back when the body throws, at once or later", async () => {
    const all = { random: "throw", crypto: "throw", clock: "throw" } as const;
    const failures = [
      () => {
        throw new Error("at once");
      },
      () => Promise.reject(new Error("later")),
      async () => {
        await Promise.resolve();
        return Math.random();
      },
    ];
    for (const failure of failures) await expect(inScope(all, failure)).rejects.toThrow();
  });

  it("do nothing without a source", async () => {
    expect(await inScope({}, () => snapshotGlobals())).toEqual(before);
  });
});
