import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { hashCanonical, isReproError, withoutObserved } from "@repro/core";
import type { JsonValue, LayerContext } from "@repro/core";
import { createSeed, createStream, seedLayer, uniform } from "@repro/seed";
import type { SeedState } from "@repro/seed";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const native = Math.random;
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "repro-seed-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  expect(Math.random).toBe(native);
});

function contextOf(env: LayerContext["env"] = {}, partsFolder?: string): LayerContext {
  const attach = (): Promise<never> => Promise.reject(new Error("the seed layer attaches nothing"));
  return { root: folder, cwd: folder, env, attach, ...(partsFolder === undefined ? {} : { partsFolder }) };
}

async function codeOf(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(
    () => "nothing was thrown",
    (reason: unknown) => reason,
  );
  return isReproError(error) ? error.code : String(error);
}

/** Runs a node program with the layer's variables, and seals. */
async function wrap(program: string, env: Record<string, string> = {}, seed = 42): Promise<SeedState> {
  const parts = join(folder, "parts");
  const opened = await seedLayer(seed).open(contextOf(env, parts));
  const variables = { ...opened.variables, REPRO_RUN_DIR: folder, PATH: process.env["PATH"] ?? "" };
  const { status, stderr } = spawnSync(process.execPath, ["-e", program], { env: variables, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return opened.seal();
}

describe("seedLayer in this process", () => {
  it("gives the seed and records what was drawn from it", async () => {
    const opened = await seedLayer(42).open(contextOf());
    expect(opened.handle.key).toBe(createSeed(42).key);
    createStream(opened.handle, "init").next();
    const state = await opened.seal();
    expect(state).toEqual({
      schema: "repro/seed/v1",
      seed: { type: "integer", value: "42" },
      guard: { random: "none", crypto: "none", clock: "none", frozenAt: null },
      streams: [
        {
          path: ["init"],
          engine: "xoroshiro128plus@1",
          draws: 1,
          head: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        },
      ],
      unseeded: [],
    });
    expect(Object.isFrozen(state) && Object.isFrozen(state.streams)).toBe(true);
    expect(opened.variables).toBeUndefined();
  });

  it("takes REPRO_SEED of the context when it is given none, and 0 for a seed", async () => {
    const opened = await seedLayer().open(contextOf({ REPRO_SEED: "0" }));
    expect(opened.handle.key).toBe(createSeed(0).key);
    expect((await seedLayer(0).open(contextOf({ REPRO_SEED: "7" }))).handle.key).toBe(createSeed(0).key);
  });

  it("refuses to run without a seed", async () => {
    expect(await codeOf(seedLayer().open(contextOf()))).toBe("SEED_MISSING");
    expect(await codeOf(seedLayer().open(contextOf({ REPRO_SEED: "" })))).toBe("SEED_MISSING");
  });

  it("guards Math.random from open to dispose when asked", async () => {
    const opened = await seedLayer(42, { guard: "redirect" }).open(contextOf());
    expect(Math.random()).toBe(uniform(createStream(createSeed(42), "math.random")));
    const state = await opened.seal();
    await opened.dispose?.();
    expect(Math.random).toBe(native);
    expect(state).toMatchObject({
      guard: { random: "redirect", crypto: "none" },
      streams: [{ path: ["math.random"], draws: 2 }],
    });
  });

  it("records who called Math.random", async () => {
    const opened = await seedLayer(42, { guard: "record" }).open(contextOf());
    Math.random();
    const { unseeded } = await opened.seal();
    await opened.dispose?.();
    expect(unseeded).toMatchObject([{ api: "Math.random", calls: 1, site: expect.stringContaining("layer.test.ts") }]);
  });

  it("takes guards as text or as options, for every source", async () => {
    for (const guard of ["random=none,clock=freeze@7", { clock: "freeze", frozenAt: 7 } as const]) {
      const opened = await seedLayer(42, { guard }).open(contextOf());
      expect([Date.now(), performance.now()]).toEqual([7, 0]);
      const state = await opened.seal();
      await opened.dispose?.();
      expect(state).toMatchObject({ guard: { random: "none", crypto: "none", clock: "freeze", frozenAt: 7 } });
    }
    expect(Date.now()).toBeGreaterThan(7);
  });

  it("starts afresh for the next run in the same process", async () => {
    const layer = seedLayer(42);
    const states: SeedState[] = [];
    for (let run = 0; run < 2; run += 1) {
      const opened = await layer.open(contextOf());
      createStream(opened.handle, "init").next();
      states.push(await opened.seal());
    }
    expect(states[1]).toEqual(states[0]);
  });

  it("refuses a stream twice, unless told to allow it", async () => {
    const strict = await seedLayer(42).open(contextOf());
    createStream(strict.handle, "a");
    expect(() => createStream(strict.handle, "a")).toThrow("has been opened before");
    const lenient = await seedLayer(42, { reuse: "allow" }).open(contextOf());
    for (let index = 0; index < 2; index += 1) createStream(lenient.handle, "a").next();
    expect((await lenient.seal()).streams).toHaveLength(2);
  });

  it("does not open once the run is aborted", async () => {
    const context = { ...contextOf(), signal: AbortSignal.abort(new Error("given up")) };
    await expect(seedLayer(42).open(context)).rejects.toThrow("given up");
  });

  it("refuses values and guards that are none at once", () => {
    expect(() => seedLayer(0.5)).toThrow(RangeError);
    expect(() => seedLayer(1, { guard: { random: "ignore" as never } })).toThrow(TypeError);
    expect(() => seedLayer(1, { guard: "ignore" })).toThrow(RangeError);
  });
});

describe("seedLayer around a command", () => {
  it("passes the seed on and keeps the node options that are there", async () => {
    const opened = await seedLayer("42").open(contextOf({ NODE_OPTIONS: "--max-old-space-size=100" }, folder));
    expect(opened.variables).toEqual({
      NODE_OPTIONS: expect.stringMatching(/^--max-old-space-size=100 --import="file:\/\/.*\/dist\/register\.js"$/),
      PYTHONHASHSEED: expect.stringMatching(/^\d+$/),
      REPRO_GUARD: "record",
      REPRO_SEED: "text:42",
    });
    expect(Number(opened.variables?.["PYTHONHASHSEED"])).toBeLessThan(2 ** 32);
  });

  it("merges the parts of the processes into one state, the same every time", async () => {
    const program = `const { execFileSync } = require("node:child_process");
      Math.random(); execFileSync(process.execPath, ["-e", "Math.random(); Math.random()"]);`;
    const states = [await wrap(program, { REPRO_GUARD: "redirect" }, 42)];
    rmSync(join(folder, "parts"), { recursive: true });
    states.push(await wrap(program, { REPRO_GUARD: "redirect" }, 42));
    expect(states[0]).toMatchObject({
      guard: { random: "redirect" },
      streams: [
        { path: ["math.random", "", 0], draws: 2 },
        { path: ["math.random", "", 0], draws: 4 },
      ],
    });
    expect(states[1]).toEqual(states[0]);
    const hash = (state: SeedState): string => hashCanonical(withoutObserved(state));
    expect(hash(states[1]!)).toBe(hash(states[0]!));
  });

  it("is sealed empty when no process left a part", async () => {
    expect(await wrap("")).toMatchObject({ guard: { random: "record" }, streams: [], unseeded: [] });
  });

  it.each([
    ["{", "is not JSON"],
    ["{}", "/schema"],
    ['{"schema":"repro/seed-part/v1","streams":[],"unseeded":[],"more":1}', "more"],
    ['{"schema":"repro/seed-part/v1","streams":[{"path":[-1],"draws":1,"head":"x"}],"unseeded":[]}', "/streams/0"],
    [`${"[".repeat(2000)}${"]".repeat(2000)}`, "nests deeper"],
  ])("refuses the part %s", async (text, says) => {
    const parts = join(folder, "parts");
    mkdirSync(parts);
    writeFileSync(join(parts, "seed-1-0.json"), text);
    writeFileSync(join(parts, ".seed-2-0.json.unfinished"), "{");
    writeFileSync(join(parts, "data-1-0.json"), "{");
    const opened = await seedLayer(1).open(contextOf({}, parts));
    const error: unknown = await opened.seal().catch((reason: unknown) => reason);
    expect(isReproError(error, "SEED_PART_INVALID")).toBe(true);
    expect(String(error)).toContain(says);
  });

  it("refuses a REPRO_GUARD that is no mode", async () => {
    expect(await codeOf(seedLayer(1).open(contextOf({ REPRO_GUARD: "" }, folder)))).toBe("SEED_GUARD_INVALID");
  });
});

describe("restoring a seed record", () => {
  it.each([
    ["integer", 42],
    ["bigint", 2n ** 80n],
    ["text", "fold"],
    ["text of digits", "42"],
    ["bytes", Uint8Array.of(0, 255)],
  ])("gives a layer with the recorded seed: %s", async (_kind, value) => {
    const layer = seedLayer(value, { guard: "throw" });
    const opened = await layer.open(contextOf());
    const state = await opened.seal();
    await opened.dispose?.();
    const { layer: restored } = await layer.restore!(state, restoreContext());
    const around = await restored.open(contextOf({}, folder));
    expect(around.variables?.["REPRO_GUARD"]).toBe("throw");
    const { handle } = await seedLayer().open(contextOf({ REPRO_SEED: around.variables?.["REPRO_SEED"] ?? undefined }));
    expect(handle.key).toBe(opened.handle.key);
  });
});

function restoreContext(): Parameters<NonNullable<ReturnType<typeof seedLayer>["restore"]>>[1] {
  const attachment = (): Promise<never> => Promise.reject(new Error("the seed layer attached nothing"));
  return { source: folder, root: folder, env: {}, attachment };
}

describe("parsing and comparing seed records", () => {
  const head = hashCanonical(1);
  const state: SeedState = {
    schema: "repro/seed/v1",
    seed: { type: "integer", value: "42" },
    guard: { random: "record", crypto: "none", clock: "none", frozenAt: null },
    streams: [
      { path: ["a", 1], engine: "xoroshiro128plus@1", draws: 4, head },
      { path: ["b/c"], engine: "philox4x32-10@1", draws: 8, head },
    ],
    unseeded: [{ api: "Math.random", calls: 3, site: "f (a.mjs:1:1)" }],
  };
  const layer = seedLayer(1);
  const change = (changes: Partial<SeedState>): SeedState => ({ ...state, ...changes });

  it("reads what it wrote", () => {
    expect(layer.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    expect(layer.diff(state, layer.parse(state))).toEqual([]);
  });

  it.each<[string, JsonValue]>([
    ["", null],
    ["", "repro/seed/v1"],
    ["/schema", { ...state, schema: "repro/seed/v2" } as unknown as JsonValue],
    ["/seed", { ...state, seed: { type: "integer", value: "042" } } as unknown as JsonValue],
    ["/seed/type", { ...state, seed: { type: "float", value: "1" } } as unknown as JsonValue],
    ["/streams/0/engine", { ...state, streams: [{ ...state.streams[0]!, engine: "mt19937" }] } as unknown as JsonValue],
    ["/guard", { ...state, guard: "record" } as unknown as JsonValue],
    ["/guard/random", { ...state, guard: { ...state.guard, random: "off" } } as unknown as JsonValue],
    ["/guard/crypto", { ...state, guard: { ...state.guard, crypto: "redirect" } } as unknown as JsonValue],
    ["/guard/frozenAt", { ...state, guard: { ...state.guard, clock: "freeze" } } as unknown as JsonValue],
    ["/guard/frozenAt", { ...state, guard: { ...state.guard, frozenAt: 1 } } as unknown as JsonValue],
    [
      "/guard/frozenAt",
      { ...state, guard: { ...state.guard, clock: "freeze", frozenAt: 0.5 } } as unknown as JsonValue,
    ],
    ["/unseeded/0/api", { ...state, unseeded: [{ api: "os.uptime", calls: 1, site: "" }] } as unknown as JsonValue],
    ["/streams/0/draws", { ...state, streams: [{ ...state.streams[0]!, draws: 0 }] } as unknown as JsonValue],
    ["/streams/0/path/0", { ...state, streams: [{ ...state.streams[0]!, path: [0.5] }] } as unknown as JsonValue],
    ["/streams/0/head", { ...state, streams: [{ ...state.streams[0]!, head: "md5:0" }] } as unknown as JsonValue],
    ["", { ...state, more: 1 } as unknown as JsonValue],
  ])("refuses a record that is wrong at %j", (path, value) => {
    try {
      layer.parse(value);
    } catch (error) {
      if (!isReproError(error, "LAYER_STATE_INVALID")) throw error;
      const [issue] = error.data["issues"] as unknown as readonly { readonly path: string }[];
      return expect(issue?.path).toBe(path);
    }
    throw new Error("it was accepted");
  });

  it("names another seed and nothing that follows from it", () => {
    const other = change({ seed: { type: "text", value: "42" }, streams: [] });
    expect(layer.diff(state, other)).toMatchObject([
      { path: "/seed/type", expected: "integer", actual: "text", severity: "error" },
    ]);
  });

  it("names the streams that differ, in the order of their paths", () => {
    const actual = change({
      streams: [
        { path: [7], engine: "xoroshiro128plus@1", draws: 1, head },
        { path: ["a", 1], engine: "xoroshiro128plus@1", draws: 5, head },
      ],
    });
    expect(layer.diff(state, actual)).toMatchObject([
      { path: "/streams/7", expected: null, actual: [{ draws: 1 }], severity: "error" },
      { path: "/streams/a/1", expected: [{ draws: 4 }], actual: [{ draws: 5 }], severity: "error" },
      { path: "/streams/b~1c", actual: null, severity: "error", remedy: expect.stringContaining("not drawn") },
    ]);
  });

  it("keeps integers and labels that look like them apart", () => {
    const expected = change({ streams: [{ path: [1], engine: "xoroshiro128plus@1", draws: 1, head }] });
    const actual = change({ streams: [{ path: ["1"], engine: "xoroshiro128plus@1", draws: 1, head }] });
    expect(layer.diff(expected, actual).map(({ path }) => path)).toEqual(["/streams/1", '/streams/"1"']);
  });

  it("names the first sixteen streams and counts the rest", () => {
    const streams = Array.from({ length: 20 }, (_, index) => ({
      path: [index],
      engine: "xoroshiro128plus@1" as const,
      draws: 1,
      head,
    }));
    const found = layer.diff(change({ streams: [] }), change({ streams }));
    expect(found).toHaveLength(17);
    expect(found.at(-1)).toMatchObject({ path: "/streams", remedy: expect.stringContaining("4 more") });
  });

  it("warns of unseeded calls", () => {
    const actual = change({ unseeded: [{ api: "Math.random", calls: 4, site: "f (a.mjs:1:1)" }] });
    expect(layer.diff(state, actual)).toMatchObject([
      { path: "/unseeded/Math.random/f (a.mjs:1:1)", expected: 3, actual: 4, severity: "warning" },
    ]);
    expect(layer.diff(change({ unseeded: [] }), state)).toMatchObject([{ expected: 0, actual: 3 }]);
  });

  it.each<[Partial<SeedState["guard"]>, string, string]>([
    [{ random: "redirect" }, "/guard/random", "error"],
    [{ random: "none" }, "/guard/random", "info"],
    [{ crypto: "throw" }, "/guard/crypto", "info"],
    [{ clock: "freeze", frozenAt: 0 }, "/guard/clock", "error"],
    [{ clock: "throw" }, "/guard/clock", "info"],
  ])("takes other values for an error, other guards for information: %j", (guard, path, severity) => {
    const other = change({ guard: { ...state.guard, ...guard } });
    const found = layer.diff(state, other);
    expect(found).toMatchObject([{ path, severity, remedy: "REPRO_GUARD=record" }]);
    expect(layer.diff(other, state)).toMatchObject([{ path, severity }]);
  });

  it("takes another time for an error", () => {
    const at = (frozenAt: number): SeedState => change({ guard: { ...state.guard, clock: "freeze", frozenAt } });
    expect(layer.diff(at(7), at(8))).toMatchObject([
      { path: "/guard/frozenAt", severity: "error", remedy: "REPRO_GUARD=clock=freeze@7" },
    ]);
  });

  it("takes readings of clocks for information, and other calls for warnings", () => {
    const unseeded = (["Date.now", "node:crypto.randomInt"] as const).map((api) => ({
      api,
      calls: 1,
      site: "f (a:1:1)",
    }));
    expect(layer.diff(change({ unseeded: [] }), change({ unseeded }))).toMatchObject([
      { path: "/unseeded/Date.now/f (a:1:1)", severity: "info", remedy: expect.stringContaining("pass the time in") },
      {
        path: "/unseeded/node:crypto.randomInt/f (a:1:1)",
        severity: "warning",
        remedy: expect.stringContaining("int("),
      },
    ]);
  });
});
