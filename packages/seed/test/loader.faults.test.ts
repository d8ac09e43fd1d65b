import { isReproError } from "@repro/core";
import type { ReproError } from "@repro/core";
import { createSeed, createStream, epochOrder } from "@repro/seed";
import { openLoader } from "@repro/seed/loader";
import type { Batch, Loader, LoaderOptions } from "@repro/seed/loader";
import { describe, expect, it } from "vitest";

import { describeFailure, rebuildFailure } from "../src/loader/failure.ts";

const DATASET = new URL("./loader/dataset.mjs", import.meta.url);
const ARRAYS = new URL("./loader/arrays.mjs", import.meta.url);
const seed = createSeed(42);
const SIZE = 60;

function moduleOf(text: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}

/** Opens a loader over dataset.mjs in which one sample has a fault. */
function openFaulty(kind: string, index: number, options: Partial<LoaderOptions> = {}): Promise<Loader> {
  const data = { size: SIZE, delay: 1000, fault: { kind, index } };
  return openLoader(seed, { dataset: DATASET, data, batchSize: 4, workers: 2, ...options });
}

async function refusalOf(work: Promise<unknown>): Promise<ReproError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (!isReproError(error)) throw new Error("it was not refused", { cause: error });
  return error;
}

/** Iterates until the end: where each batch began, and how it ended. */
async function follow(batches: AsyncIterable<Batch<unknown>>): Promise<{ positions: number[]; error: unknown }> {
  const positions: number[] = [];
  try {
    for await (const batch of batches) positions.push(batch.position);
    return { positions, error: undefined };
  } catch (error) {
    return { positions, error };
  }
}

const order = [...epochOrder(seed, { epoch: 1, size: SIZE })];
const POSITION = 33;
const INDEX = order[POSITION]!;
const DELIVERED = [0, 4, 8, 12, 16, 20, 24, 28];

describe("a sample that fails", () => {
  it.each([0, 1, 2, 4])("ends the epoch in its place, after all batches before it: %i workers", async (workers) => {
    await using loader = await openFaulty("throw", INDEX, { workers });
    const { positions, error } = await follow(loader.epoch(1));
    expect(positions).toEqual(DELIVERED);
    expect(error).toMatchObject({
      code: "SEED_SAMPLE_FAILED",
      data: { epoch: 1, position: POSITION, index: INDEX },
      cause: { name: "TypeError", message: `sample ${INDEX} is broken`, code: "E_BROKEN", cause: { message: "inner" } },
    });
    expect(((error as Error).cause as Error).stack).toMatch(/dataset\.mjs:\d+/);
    // The loader is as good as before.
    expect((await follow(loader.epoch(1, { from: 36 }))).positions).toEqual([36, 40, 44, 48, 52, 56]);
    expect((await follow(loader.epoch(2))).error).toMatchObject({ data: { epoch: 2, index: INDEX } });
  });

  it("is no error for who does not come to it", async () => {
    await using loader = await openFaulty("throw", INDEX, { prefetch: 20 });
    const batches = loader.epoch(1);
    for (const position of DELIVERED.slice(0, 3)) expect((await batches.next()).value?.position).toBe(position);
    await batches.return?.();
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });

  it.each([
    ["text", { name: "Error", message: 'threw "no error at all"' }],
    ["hostile", { message: "threw something that cannot be described" }],
    ["reject", { message: "later" }],
    ["uncloneable", { name: "DataCloneError" }],
  ])("is reported whatever it threw: %s", async (kind, cause) => {
    await using loader = await openFaulty(kind, INDEX);
    const { positions, error } = await follow(loader.epoch(1));
    expect(positions).toEqual(DELIVERED);
    expect(error).toMatchObject({ code: "SEED_SAMPLE_FAILED", data: { index: INDEX, position: POSITION }, cause });
  });

  it("fails in the calling thread where a worker could not send it", async () => {
    await using loader = await openFaulty("uncloneable", INDEX, { workers: 0 });
    const { error } = await follow(loader.epoch(1));
    expect(error).toMatchObject({
      code: "SEED_SAMPLE_FAILED",
      data: { index: INDEX },
      cause: { name: "DataCloneError" },
    });
  });

  it("carries an error of ours through whole", async () => {
    const text = `export const size = 1;
      export const load = () => { throw Object.assign(new Error("x"), { [Symbol()]: 1, code: "A", cause: globalThis }); };`;
    await using loader = await openLoader(seed, { dataset: moduleOf(text), batchSize: 1, workers: 1 });
    const { error } = await follow(loader.epoch(0));
    expect(error).toMatchObject({ cause: { message: "x", code: "A", cause: { message: "threw [object global]" } } });
  });
});

describe("a failure that is reported", () => {
  it("is rebuilt with name, message, stack, code and causes, ours with remedy and data", async () => {
    const inner = await refusalOf(openLoader(seed, { dataset: moduleOf("export const size = 1;"), batchSize: 1 }));
    const rebuilt = rebuildFailure(structuredClone(describeFailure(new RangeError("outer", { cause: inner }))));
    expect(rebuilt).toMatchObject({ name: "RangeError", message: "outer" });
    expect(isReproError(rebuilt.cause, "SEED_DATASET_INVALID")).toBe(true);
    expect(rebuilt.cause).toMatchObject({ remedy: inner.remedy, data: inner.data, stack: inner.stack });
  });

  it("ends where causes go round in a circle", () => {
    const error = new Error("a");
    error.cause = error;
    let depth = 0;
    for (let at: unknown = rebuildFailure(describeFailure(error)); at instanceof Error; at = at.cause) depth += 1;
    expect(depth).toBe(9);
  });
});

describe("a worker that ends", () => {
  it.each([1, 2, 4])("names the sample that it was at, after all batches before it: %i workers", async (workers) => {
    await using loader = await openFaulty("exit", INDEX, { workers });
    const { positions, error } = await follow(loader.epoch(1));
    expect(positions).toEqual(DELIVERED);
    expect(error).toMatchObject({
      code: "SEED_LOADER_WORKER_LOST",
      data: { epoch: 1, position: POSITION, index: INDEX, exitCode: 7 },
    });
    // Its place is not taken by another: the loader says so.
    expect((await follow(loader.epoch(2))).error).toMatchObject({
      code: "SEED_LOADER_WORKER_LOST",
      data: { exitCode: 7 },
    });
  });

  it("ends with what nobody caught as the cause", async () => {
    await using loader = await openFaulty("uncaught", INDEX);
    const { positions, error } = await follow(loader.epoch(1));
    expect(positions).toEqual(DELIVERED);
    expect(error).toMatchObject({
      code: "SEED_LOADER_WORKER_LOST",
      data: { index: INDEX },
      cause: { message: "nobody catches this" },
    });
  });

  it("ends other iterations too, and none hangs", async () => {
    await using loader = await openFaulty("exit", INDEX, { prefetch: 1 });
    const waiting = loader.epoch(2, { from: 20 });
    await waiting.next();
    expect((await follow(loader.epoch(1))).error).toMatchObject({ code: "SEED_LOADER_WORKER_LOST" });
    expect((await follow(waiting)).error).toMatchObject({ code: "SEED_LOADER_WORKER_LOST" });
  });

  it("may end while nobody asks", async () => {
    const text = `export const size = 4;
      export const load = (index) => { if (index === 3) setImmediate(() => setImmediate(() => process.exit(3))); return index; };`;
    await using loader = await openLoader(seed, { dataset: moduleOf(text), batchSize: 4, workers: 1 });
    const first = await follow(loader.epoch(0));
    let last = first;
    while (last.error === undefined) last = await follow(loader.epoch(0));
    expect(last.error).toMatchObject({ code: "SEED_LOADER_WORKER_LOST", data: { exitCode: 3 } });
  });
});

describe("a dataset that cannot be opened", () => {
  const faults: readonly (readonly [string, string, object])[] = [
    ["a syntax error", "export const size = ;", { cause: { name: "SyntaxError" } }],
    ["an import that is not there", 'import "./nowhere.mjs";', {}],
    ["an error at the top level", 'throw new RangeError("top");', { cause: { name: "RangeError", message: "top" } }],
    ["no load", "export const size = 1;", { cause: { name: "TypeError" } }],
    ["no size", "export const load = () => 1;", { cause: { name: "TypeError" } }],
    [
      "a size that is no integer",
      "export const size = 1.5; export const load = () => 1;",
      { cause: { name: "RangeError" } },
    ],
    [
      "a size that is negative",
      "export const size = -1; export const load = () => 1;",
      { cause: { name: "RangeError" } },
    ],
    [
      "a size that is no number",
      "export const size = NaN; export const load = () => 1;",
      { cause: { name: "RangeError" } },
    ],
    ["nothing from openDataset", "export const openDataset = () => undefined;", { cause: { name: "TypeError" } }],
    [
      "an error in openDataset",
      'export async function openDataset() { throw new Error("open"); }',
      { cause: { message: "open" } },
    ],
  ];
  it.each(faults)("is refused: %s", async (_, text, more) => {
    for (const workers of [0, 2]) {
      const error = await refusalOf(openLoader(seed, { dataset: moduleOf(text), batchSize: 1, workers }));
      expect(error).toMatchObject({ code: "SEED_DATASET_INVALID", data: { module: "data" }, ...more });
    }
  });

  it("is refused when it is not of one size", async () => {
    const text =
      'import { threadId } from "node:worker_threads"; export const size = threadId; export const load = () => 1;';
    const error = await refusalOf(openLoader(seed, { dataset: moduleOf(text), batchSize: 1, workers: 2 }));
    expect([error.code, error.message]).toEqual(["SEED_DATASET_INVALID", expect.stringContaining("in each worker")]);
  });

  it("is refused when its worker ends: by itself, or since it waits for nothing", async () => {
    for (const [text, exitCode] of [
      ["process.exit(5)", 5],
      ["await new Promise(() => undefined)", expect.any(Number)], // 0 in node 20, 13 in newer ones
    ] as const) {
      const error = await refusalOf(openLoader(seed, { dataset: moduleOf(text), batchSize: 1, workers: 2 }));
      expect(error).toMatchObject({ code: "SEED_LOADER_WORKER_LOST", data: { exitCode } });
    }
  });
});

describe("an option that is wrong", () => {
  const dataset = { size: 3, load: (index: number) => index };
  const valid = { dataset, batchSize: 2 };
  it.each([[42], ["42"], [undefined], [null], [{ key: "sha256:00" }]])("refuse %j as a seed", async (other) => {
    for (const workers of [0, 2]) {
      const opened = openLoader(other as never, { dataset: DATASET, batchSize: 2, workers });
      await expect(opened).rejects.toThrow(TypeError);
      await expect(opened).rejects.toThrow('openLoader: "seed" must be a seed');
    }
  });

  it.each<[string, unknown, typeof TypeError | typeof RangeError]>([
    ["batchSize", 0, RangeError],
    ["batchSize", 1.5, RangeError],
    ["batchSize", Number.NaN, RangeError],
    ["batchSize", "2", TypeError],
    ["batchSize", undefined, TypeError],
    ["batchSize", 2 ** 32, RangeError],
    ["workers", -1, RangeError],
    ["workers", Number.NaN, RangeError],
    ["workers", 257, RangeError],
    ["workers", "2", TypeError],
    ["workers", 2, TypeError], // functions cannot be passed to a worker
    ["prefetch", 0, RangeError],
    ["prefetch", 1025, RangeError],
    ["prefetch", null, TypeError],
    ["shuffle", 1, TypeError],
    ["dropLast", "no", TypeError],
    ["collate", "stack", TypeError],
    ["signal", {}, TypeError],
    ["data", () => 1, TypeError],
    ["dataset", "./dataset.mjs", TypeError],
    ["dataset", undefined, TypeError],
    ["dataset", null, TypeError],
    ["dataset", { size: 3 }, TypeError],
    ["dataset", { size: "3", load: dataset.load }, TypeError],
    ["dataset", { size: -3, load: dataset.load }, RangeError],
    ["dataset", { size: 2 ** 32, load: dataset.load }, RangeError],
  ])("is refused: %s %j", async (name, value, kind) => {
    const error: unknown = await openLoader(seed, { ...valid, [name]: value }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toContain(`"${name}"`);
  });

  it.each<[unknown, unknown, typeof TypeError | typeof RangeError]>([
    [-1, 0, RangeError],
    [0.5, 0, RangeError],
    [Number.NaN, 0, RangeError],
    [2 ** 53, 0, RangeError],
    ["1", 0, TypeError],
    [undefined, 0, TypeError],
    [0, -1, RangeError],
    [0, 4, RangeError],
    [0, 1.5, RangeError],
    [0, "1", TypeError],
  ])("is refused before anything is loaded: epoch %j from %j", async (epoch, from, kind) => {
    await using loader = await openLoader(seed, valid);
    expect(() => loader.epoch(epoch as number, { from: from as number })).toThrow(kind);
  });

  it("is refused by the order itself: its path has been opened", async () => {
    const { createSeedLedger } = await import("@repro/seed");
    const counted = createSeed(42, { ledger: createSeedLedger() });
    createStream(counted, "epochOrder", 3);
    await using loader = await openLoader(counted, valid);
    expect((await refusalOf(loader.epoch(3).next())).code).toBe("SEED_PATH_REUSED");
    expect((await loader.epoch(4).next()).done).toBe(false);
  });
});

describe("the end of a loader", () => {
  it.each([0, 2])("refuses who waits for a batch, and who asks later: %i workers", async (workers) => {
    const loader = await openFaulty("reject", -1, { workers });
    const batches = loader.epoch(0);
    const first = batches.next();
    const disposed = loader[Symbol.asyncDispose]();
    expect((await refusalOf(first)).code).toBe("SEED_LOADER_CLOSED");
    await disposed;
    expect((await refusalOf(loader.epoch(1).next())).code).toBe("SEED_LOADER_CLOSED");
    await loader[Symbol.asyncDispose](); // once more is no mistake
  });

  it.each([0, 2])("comes with the signal, with its reason: %i workers", async (workers) => {
    const controller = new AbortController();
    await using loader = await openFaulty("reject", -1, { workers, signal: controller.signal });
    const batches = loader.epoch(0);
    await batches.next();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(batches.next()).rejects.toBe(reason);
    await expect(loader.epoch(1).next()).rejects.toBe(reason);
  });

  it("comes with a signal that is aborted before, or while it is opened", async () => {
    const reason = new Error("enough");
    for (const workers of [0, 2]) {
      await expect(openFaulty("reject", -1, { workers, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const controller = new AbortController();
      const opening = openFaulty("reject", -1, { workers, signal: controller.signal });
      controller.abort(reason);
      await expect(opening).rejects.toBe(reason);
    }
  });

  it("does not wait for a sample that never ends", async () => {
    const controller = new AbortController();
    const loader = await openFaulty("forever", INDEX, { signal: controller.signal });
    const batches = loader.epoch(1);
    for (const position of DELIVERED) expect((await batches.next()).value?.position).toBe(position);
    const next = batches.next();
    controller.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
    await loader[Symbol.asyncDispose]();
  });
});

describe("memory", () => {
  const collect = async (kind: string, workers: number, epochs = [0]): Promise<unknown[]> => {
    await using loader = await openLoader(seed, { dataset: ARRAYS, data: kind, batchSize: 8, workers, shuffle: false });
    const samples: unknown[] = [];
    for (const epoch of epochs) for await (const batch of loader.epoch(epoch)) samples.push(...batch.samples);
    return samples;
  };

  it.each([0, 1])("that a sample gives away is moved: %i workers", async (workers) => {
    const samples = (await collect("moved", workers)) as { before: number; values: Float32Array }[];
    expect(samples.map(({ values }) => [...values])).toEqual(
      Array.from({ length: 40 }, (_, index) => [index, index + 0.5]),
    );
    // Between jobs the array of the sample before is gone, in a job it is still there.
    expect(samples.map(({ before }) => before)).toEqual(
      Array.from({ length: 40 }, (_, index) => (index % 8 === 0 ? 0 : 8)),
    );
  });

  it.each([0, 2])("that a dataset keeps is copied, in each epoch: %i workers", async (workers) => {
    const samples = (await collect("copied", workers, [0, 1])) as Float64Array[];
    expect(samples.map((sample) => [...sample])).toEqual(Array.from({ length: 80 }, () => [1, 2, 3]));
  });

  it.each([0, 2])(
    "of node's Buffers, and parts of an array, are copied though given away: %i workers",
    async (workers) => {
      const pooled = (await collect("pooled", workers, [0, 1])) as { text: Uint8Array; other: Uint8Array }[];
      const texts = pooled.map(({ text, other }) => [new TextDecoder().decode(text), new TextDecoder().decode(other)]);
      expect(texts).toEqual(Array.from({ length: 80 }, (_, at) => [`sample ${at % 40}`, "other"]));
      expect((await collect("part", workers, [0, 1])).every((part) => (part as Float64Array)[0] === 2)).toBe(true);
    },
  );

  it.each([0, 2])("may be given away twice in a sample, and as a buffer: %i workers", async (workers) => {
    const twice = (await collect("twice", workers)) as [ArrayBuffer, Uint8Array][];
    expect(twice.every(([whole, view]) => view.buffer === whole && view[1] === 1)).toBe(true);
    const buffers = (await collect("buffer", workers)) as ArrayBuffer[];
    expect(buffers.map((buffer) => new Uint8Array(buffer)[0])).toEqual(Array.from({ length: 40 }, (_, index) => index));
    const fixed = (await collect("fixed", workers)) as Uint8Array[];
    expect(fixed.map(([value]) => value)).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(
      ((await collect("shared", workers)) as Int32Array[]).every((view) => view.buffer instanceof SharedArrayBuffer),
    ).toBe(true);
  });

  it.each([0, 1])(
    "that is given away though the dataset keeps it is an error, not an empty array: %i workers",
    async (workers) => {
      const error = await refusalOf(collect("kept", workers));
      expect(error).toMatchObject({ code: "SEED_SAMPLE_FAILED", data: { index: 8 }, cause: { name: "TypeError" } });
    },
  );
});
