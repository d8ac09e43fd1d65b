import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { LayerContext } from "@repro/core";
import { listRuns, openRun, readRun } from "@repro/run-context";

import { makeWorkTree, thrownBy, valueLayer } from "./fixture.ts";
import type { WorkTree } from "./fixture.ts";

async function record(
  tree: WorkTree,
  change: { value?: number; epochs?: number; loss?: number; output?: string } = {},
) {
  const run = await openRun({
    layers: { code: valueLayer(change.value ?? 1) },
    params: { epochs: change.epochs ?? 3 },
    process: tree.process,
  });
  run.step({ loss: change.loss ?? 0.5, weights: { kernel: Float32Array.of(1, 2) } });
  run.metric("auc", 0.75);
  await run.output("model.bin", new TextEncoder().encode(change.output ?? "weights"));
  return run.close();
}

describe("two runs", () => {
  it("that are the same have the same digest, whatever was observed of them", async () => {
    using tree = makeWorkTree();
    const [a, b] = [await record(tree), await record(tree)];
    expect(b.digest).toBe(a.digest);
    expect(b.runId).not.toBe(a.runId);
    expect(b.file.observed.layers).not.toEqual(a.file.observed.layers);
    expect(JSON.stringify(a.file.record)).not.toContain("seenAt");
  });

  it.each([{ value: 2 }, { epochs: 4 }, { loss: 0.25 }, { output: "other" }])(
    "that differ in %j differ in their digest",
    async (change) => {
      using tree = makeWorkTree();
      expect((await record(tree, change)).digest).not.toBe((await record(tree)).digest);
    },
  );
});

it("keeps outputs and trace beside the record, and reads them back", async () => {
  using tree = makeWorkTree();
  const { runId, location, digest } = await record(tree);
  expect(location).toBe(join(tree.root, ".repro/runs", runId));
  expect(readFileSync(join(location, "outputs/model.bin"), "utf8")).toBe("weights");
  const stored = readRun(runId, { cwd: tree.root });
  expect(stored.file.digest).toBe(digest);
  expect(stored.trace()).toMatch(/^\{"step":0,"values":\{"loss":0.5,"weights\/kernel":"sha256:[0-9a-f]{64}"\}\}\n$/);
  expect(listRuns({ cwd: tree.root })).toEqual([runId]);
  expect(existsSync(join(location, "parts"))).toBe(false);
  expect(readFileSync(join(tree.root, ".repro/runs/.gitignore"), "utf8")).toBe("*\n");
});

it("is found from a subfolder, by its folder and by its file", async () => {
  using tree = makeWorkTree({ "sub/x": "" });
  const { runId, location } = await record(tree);
  for (const name of [runId, location, join(location, "record.json")]) {
    expect(readRun(name, { cwd: join(tree.root, "sub") }).file.observed.runId).toBe(runId);
  }
  expect((await thrownBy(() => readRun("nothing", { cwd: tree.root }))).code).toBe("RUN_NOT_FOUND");
});

describe("a run that is left without close", () => {
  it("is recorded as failed, so that it never passes for a complete one", async () => {
    using tree = makeWorkTree();
    const crash = async (): Promise<void> => {
      await using run = await openRun({ layers: {}, process: tree.process });
      run.step({ loss: 1 });
      throw new Error("out of patience");
    };
    await expect(crash()).rejects.toThrow("out of patience");
    const [id = ""] = listRuns({ cwd: tree.root });
    expect(readRun(id, { cwd: tree.root }).file.record).toMatchObject({
      status: "failed",
      error: { code: "RUN_NOT_CLOSED", data: {} },
      trace: { steps: 1 },
    });
  });

  it("is not sealed twice by using it with `await using` and close()", async () => {
    using tree = makeWorkTree();
    {
      await using run = await openRun({ layers: {}, process: tree.process });
      await run.close();
      await expect(run.close()).rejects.toThrow(TypeError);
    }
    expect(listRuns({ cwd: tree.root })).toHaveLength(1);
  });
});

it("that is closed takes nothing more, and makes no folder again", async () => {
  using tree = makeWorkTree();
  const run = await openRun({ layers: {}, process: tree.process });
  await run.close();
  expect(() => run.step({ loss: 1 })).toThrow(TypeError);
  expect(() => run.metric("auc", 1)).toThrow(TypeError);
  await expect(run.output("a", new Uint8Array())).rejects.toThrow(TypeError);
  expect(readdirSync(join(tree.root, ".repro/runs")).filter((name) => name.endsWith(".partial"))).toEqual([]);
});

it("gives each layer the variables of those before it", async () => {
  using tree = makeWorkTree();
  const adding = (word: string) => ({
    ...valueLayer(1),
    open: async (context: LayerContext) => {
      const value = `${context.env["WORDS"] ?? ""}${word}`;
      return { handle: value, variables: { WORDS: value }, seal: async () => ({ schema: "s", value }) };
    },
  });
  const run = await openRun({ layers: { a: adding("a"), b: adding("b") }, process: tree.process });
  expect([run.a, run.b]).toEqual(["a", "ab"]);
  await run.close();
});

describe("a layer", () => {
  it("that refuses leaves no record, and those before it are undone in reverse order", async () => {
    using tree = makeWorkTree();
    const undone: string[] = [];
    const disposing = (name: string) => ({
      ...valueLayer(1),
      open: async () => ({
        handle: 1,
        seal: async () => ({ schema: "s" }),
        dispose: async () => void undone.push(name),
      }),
    });
    const refusing = { ...valueLayer(1), open: () => Promise.reject(new RangeError("no")) };
    await expect(
      openRun({ layers: { a: disposing("a"), b: disposing("b"), refusing }, process: tree.process }),
    ).rejects.toThrow("no");
    expect(undone).toEqual(["b", "a"]);
    expect(readdirSync(join(tree.root, ".repro/runs"))).toEqual([".gitignore"]);
  });

  it("that cannot be sealed fails the run, and takes neither the results nor the other layers with it", async () => {
    using tree = makeWorkTree();
    const failing = {
      ...valueLayer(1),
      open: async () => ({ handle: 1, seal: () => Promise.reject(new Error("gone")) }),
    };
    const run = await openRun({ layers: { failing, kept: valueLayer(2) }, process: tree.process });
    await run.output("model", new Uint8Array(3));
    await expect(run.close()).rejects.toThrow("gone");
    const [id = ""] = listRuns({ cwd: tree.root });
    const { record } = readRun(id, { cwd: tree.root }).file;
    expect(record).toMatchObject({
      status: "failed",
      error: { code: "RUN_LAYER_FAILED" },
      layers: { kept: { value: 2 } },
    });
    expect(record.outputs).toHaveLength(1);
  });

  it("can keep files beside the record, checked when they are read", async () => {
    using tree = makeWorkTree();
    const patch = new TextEncoder().encode("patch");
    const attaching = {
      ...valueLayer(1),
      open: async (context: { attach(name: string, bytes: Uint8Array): Promise<string> }) => {
        const digest = await context.attach("git/worktree.patch", patch);
        return { handle: digest, seal: async () => ({ schema: "s", digest }) };
      },
    };
    const run = await openRun({ layers: { attaching }, process: tree.process });
    const { runId, file } = await run.close();
    expect(file.record.attachments).toEqual([{ name: "git/worktree.patch", digest: run.attaching, sizeBytes: 5 }]);
    const stored = readRun(runId, { cwd: tree.root });
    expect([...(await stored.attachment("git/worktree.patch"))]).toEqual([...patch]);
    tree.write(`.repro/runs/${runId}/attachments/git/worktree.patch`, "other");
    expect((await thrownBy(() => stored.attachment("git/worktree.patch"))).code).toBe("RUN_ATTACHMENT_MISMATCH");
    expect((await thrownBy(() => stored.attachment("../record.json"))).code).toBe("RUN_ATTACHMENT_MISMATCH");
  });
});

describe("refuses before any work", () => {
  it.each(["step", "output", "close", "then"])("a layer called %s", async (name) => {
    using tree = makeWorkTree();
    const layers = { [name]: valueLayer(1) } as unknown as Record<"x", ReturnType<typeof valueLayer>>;
    await expect(openRun({ layers, process: tree.process })).rejects.toThrow(TypeError);
    expect(existsSync(join(tree.root, ".repro"))).toBe(false);
  });

  it.each([0, -1, 1.5, Number.NaN])("a trace of every %s steps", async (every) => {
    using tree = makeWorkTree();
    await expect(openRun({ layers: {}, trace: { every }, process: tree.process })).rejects.toThrow(RangeError);
  });

  it("parameters that no record can hold", async () => {
    using tree = makeWorkTree();
    const error = await thrownBy(() => openRun({ layers: {}, params: { rate: Number.NaN }, process: tree.process }));
    expect(error).toMatchObject({ code: "JSON_UNREPRESENTABLE", data: { path: "/rate" } });
    expect(existsSync(join(tree.root, ".repro"))).toBe(false);
  });

  it.each(["", ".", "../up", "/abs", "a//b", "a\\b", "nul\0", "x".repeat(1025)])(
    "an output called %j",
    async (name) => {
      using tree = makeWorkTree();
      const run = await openRun({ layers: {}, process: tree.process });
      await expect(run.output(name, new Uint8Array())).rejects.toThrow(RangeError);
      await run.close();
    },
  );

  it("two outputs of one name", async () => {
    using tree = makeWorkTree();
    const run = await openRun({ layers: {}, process: tree.process });
    await run.output("a", new Uint8Array());
    await expect(run.output("a", new Uint8Array())).rejects.toThrow(RangeError);
    await run.close();
  });
});

it("records figures that JSON cannot say as texts, and never as null", async () => {
  using tree = makeWorkTree();
  const run = await openRun({ layers: {}, process: tree.process });
  for (const [name, value] of Object.entries({ a: Number.NaN, b: -0, c: Number.NEGATIVE_INFINITY, d: 0 }))
    run.metric(name, value);
  const { file } = await run.close();
  expect(file.record.metrics).toEqual({ a: "NaN", b: "-0", c: "-Infinity", d: 0 });
});

it("works outside of a repository, relative to the working directory", async () => {
  using tree = makeWorkTree({ "out/x": "" });
  const { rmSync } = await import("node:fs");
  rmSync(join(tree.root, ".git"), { recursive: true });
  const run = await openRun({
    layers: {},
    process: { ...tree.process, argv: ["/usr/bin/node", join(tree.root, "train.mjs"), "--fast"], execArgv: [] },
  });
  const { file } = await run.close();
  expect(file.record.command).toEqual({ argv: ["node", "train.mjs", "--fast"], cwd: ".", collects: "nothing" });
});

it("keeps many runs at once apart", async () => {
  using tree = makeWorkTree();
  const sealed = await Promise.all(Array.from({ length: 8 }, () => record(tree)));
  expect(new Set(sealed.map(({ digest }) => digest)).size).toBe(1);
  expect(listRuns({ cwd: tree.root })).toHaveLength(8);
});
