import * as fs from "node:fs";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { listRuns, readRun, recordCommand } from "@repro/run-context";
import type { RecordCommandOptions } from "@repro/run-context";

import { makeWorkTree, thrownBy, valueLayer } from "./fixture.ts";
import type { WorkTree } from "./fixture.ts";

const NODE = process.execPath;

/** The built package, as a program under `repro run` imports it: `npm test` builds before it tests. */
const BUILT = pathToFileURL(join(import.meta.dirname, "../dist/index.js")).href;

function run(tree: WorkTree, script: string, options: Partial<RecordCommandOptions> = {}) {
  tree.write("train.mjs", script);
  return recordCommand([NODE, "train.mjs"], { layers: {}, process: tree.process, stdout: "stderr", ...options });
}

const WRITES_MODEL = `
  import { mkdirSync, writeFileSync } from "node:fs";
  mkdirSync("out", { recursive: true });
  writeFileSync("out/model.json", "{}");
  writeFileSync("out/weights.bin", "weights");
`;

describe("outputs", () => {
  it("are all files that the command wrote, where none is named", async () => {
    using tree = makeWorkTree({ "old.txt": "old", "out/kept.txt": "kept" });
    const { file, location, failure } = await run(tree, WRITES_MODEL);
    expect(failure).toBeNull();
    expect(file.record.outputs.map(({ name, mediaType, sizeBytes }) => [name, mediaType, sizeBytes])).toEqual([
      ["out/model.json", "application/json", 2],
      ["out/weights.bin", "application/octet-stream", 7],
    ]);
    expect(readFileSync(join(location, "outputs/out/weights.bin"), "utf8")).toBe("weights");
  });

  it("are a file that was written again, not one that was only there", async () => {
    using tree = makeWorkTree({ "out/model.json": "{}", "out/other": "" });
    const { file } = await run(tree, WRITES_MODEL);
    expect(file.record.outputs.map(({ name }) => name)).toEqual(["out/model.json", "out/weights.bin"]);
  });

  it("can be named, one file or a folder with all that was written in it", async () => {
    using tree = makeWorkTree();
    const { file } = await run(tree, WRITES_MODEL, { collects: { weights: "out/weights.bin", model: "out" } });
    expect(file.record.outputs.map(({ name }) => name)).toEqual(["model/model.json", "model/weights.bin", "weights"]);
  });

  it("that are missing fail the run, and the record says so", async () => {
    using tree = makeWorkTree();
    const { failure, file } = await run(tree, WRITES_MODEL, { collects: { model: "out/other.json" } });
    expect(failure).toMatchObject({ code: "RUN_OUTPUT_MISSING", data: { name: "model", path: "out/other.json" } });
    expect(file.record).toMatchObject({ status: "failed", error: { code: "RUN_OUTPUT_MISSING" } });
  });

  it("left over from an earlier run are not taken for this one's", async () => {
    using tree = makeWorkTree({ "model.bin": "stale" });
    const { failure } = await run(tree, "", { collects: { model: "model.bin" } });
    expect(failure).toMatchObject({ code: "RUN_OUTPUT_STALE" });
  });

  it("that cannot be read are named", async () => {
    using tree = makeWorkTree();
    const denied = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    const openSync: typeof fs.openSync = (file, ...rest) => {
      if (String(file).endsWith("weights.bin")) throw denied;
      return fs.openSync(file, ...rest);
    };
    const { failure, file } = await run(tree, WRITES_MODEL, { fs: { ...fs, openSync } });
    expect(failure).toMatchObject({
      code: "RUN_OUTPUT_UNREADABLE",
      data: { path: "out/weights.bin", errno: "EACCES" },
      cause: denied,
    });
    expect(file.record.status).toBe("failed");
  });
});

it("a result whose name no record can hold fails the run, and its record can be read", async () => {
  using tree = makeWorkTree();
  const script = (name: string): string => `import { writeFileSync } from "node:fs"; writeFileSync(${name}, "x");`;
  const { failure, runId } = await run(tree, script('"a\\\\b.txt"'));
  expect(failure).toMatchObject({ code: "RUN_OUTPUT_UNNAMEABLE", data: { name: "a\\b.txt" } });
  expect(readRun(runId, { cwd: tree.root }).file.record.status).toBe("failed");
  fs.rmSync(join(tree.root, "a\\b.txt"));
  const notText = await run(tree, script("Buffer.from([0x61, 0xff])"));
  expect(notText.failure).toMatchObject({ code: "RUN_OUTPUT_UNREADABLE" });
});

describe("a command", () => {
  it("finds the layers' variables and the record's folder, and its arguments as paths from its folder", async () => {
    using tree = makeWorkTree();
    const layer = valueLayer(1);
    const setting = {
      ...layer,
      open: async (context: Parameters<typeof layer.open>[0]) => ({
        ...(await layer.open(context)),
        variables: { FROM_LAYER: "yes" },
      }),
    };
    tree.write(
      "sub/train.mjs",
      `
      import { writeFileSync } from "node:fs";
      writeFileSync("seen.json", JSON.stringify([process.env.FROM_LAYER, process.env.REPRO_RUN_DIR.includes(".partial"), process.argv.slice(2)]));
    `,
    );
    const absolute = join(tree.root, "data.csv");
    const { file } = await recordCommand(
      [NODE, join(tree.root, "sub/train.mjs"), absolute, `--data=${absolute}`, "/etc/hosts"],
      {
        layers: { setting },
        process: { ...tree.process, cwd: join(tree.root, "sub") },
        stdout: "stderr",
      },
    );
    expect(file.record.command).toMatchObject({
      cwd: "sub",
      argv: [NODE, "train.mjs", "../data.csv", "--data=../data.csv", "/etc/hosts"],
    });
    expect(JSON.parse(readFileSync(join(tree.root, "sub/seen.json"), "utf8"))).toEqual([
      "yes",
      true,
      ["../data.csv", "--data=../data.csv", "/etc/hosts"],
    ]);
  });

  it("that fails is recorded with its exit code", async () => {
    using tree = makeWorkTree();
    const { failure, file } = await run(tree, "process.exit(7)");
    expect(failure).toMatchObject({ code: "RUN_COMMAND_FAILED", data: { exitCode: 7 } });
    expect(file.record.error).toEqual({ code: "RUN_COMMAND_FAILED", data: { exitCode: 7 } });
  });

  it.each(["SIGKILL", "SIGTERM", "SIGSEGV"])("that is killed by %s is recorded as killed", async (signal) => {
    using tree = makeWorkTree();
    const { failure, file } = await run(
      tree,
      `process.kill(process.pid, "${signal}"); await new Promise((r) => setTimeout(r, 1000));`,
    );
    expect(failure).toMatchObject({ code: "RUN_COMMAND_KILLED", data: { signal } });
    expect(file.record.status).toBe("failed");
  });

  it("is asked to stop by an abort, and recorded", async () => {
    using tree = makeWorkTree();
    const controller = new AbortController();
    const layer = valueLayer(1);
    const made = run(
      tree,
      `import { writeFileSync } from "node:fs"; writeFileSync("started", ""); setInterval(() => {}, 1000);`,
      { layers: { layer }, signal: controller.signal },
    );
    await once(tree.root, "started");
    controller.abort();
    const { failure } = await made;
    expect(failure).toMatchObject({ code: "RUN_ABORTED" });
  });

  it("that was asked to stop has not completed, although it ends with 0", async () => {
    using tree = makeWorkTree();
    const controller = new AbortController();
    const polite = `import { writeFileSync } from "node:fs"; process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000); writeFileSync("started", "");`;
    const made = run(tree, polite, { signal: controller.signal });
    await once(tree.root, "started");
    controller.abort();
    const { failure, file } = await made;
    expect([failure?.code, file.record.status]).toEqual(["RUN_ABORTED", "failed"]);
  });

  it("that does not exist leaves no record", async () => {
    using tree = makeWorkTree();
    const error = await thrownBy(() => recordCommand(["no-such-program"], { layers: {}, process: tree.process }));
    expect(error).toMatchObject({
      code: "RUN_COMMAND_NOT_FOUND",
      data: { program: "no-such-program", errno: "ENOENT" },
    });
    expect(listRuns({ cwd: tree.root })).toEqual([]);
  });
});

const JOINS = `
  import { openRun } from ${JSON.stringify(BUILT)};
  const state = { schema: "test/inner/v1", value: 7 };
  const layer = (schema) => ({ schema, open: async () => ({ handle: 1, seal: async () => ({ ...state, schema }) }), parse: (v) => v, diff: () => [] });
  const run = await openRun({ layers: { inner: layer("test/inner/v1"), both: layer("test/both/v2") }, params: { epochs: 2 } });
  run.step({ loss: 0.5 });
  run.metric("auc", 0.5);
  await run.output("model.bin", new Uint8Array(3));
`;

describe("a program that opens a run of its own", () => {
  it("joins the record of the command: one record, its own declarations first", async () => {
    using tree = makeWorkTree();
    const { file, location, runId } = await run(tree, `${JOINS} await run.close();`, {
      layers: { both: valueLayer(1), outer: valueLayer(2) },
    });
    expect(file.record).toMatchObject({
      status: "completed",
      params: { epochs: 2 },
      metrics: { auc: 0.5 },
      layers: { inner: { value: 7 }, both: { schema: "test/both/v2" }, outer: { value: 2 } },
      trace: { steps: 1 },
      outputs: [{ name: "model.bin", sizeBytes: 3 }],
    });
    expect(listRuns({ cwd: tree.root })).toEqual([runId]);
    expect(readRun(runId, { cwd: tree.root }).trace()).toContain('"loss":0.5');
    expect(readFileSync(join(location, "outputs/model.bin"))).toHaveLength(3);
  });

  it("and never closes it has failed, although it ended with 0", async () => {
    using tree = makeWorkTree();
    const { failure, file } = await run(tree, JOINS);
    expect(failure).toMatchObject({ code: "RUN_NOT_CLOSED" });
    expect(file.record.status).toBe("failed");
  });

  it("cannot open a second one in the same record", async () => {
    using tree = makeWorkTree();
    const { failure } = await run(
      tree,
      `${JOINS} await run.close();
      try { await openRun({ layers: {} }); } catch (error) { process.exitCode = error.code === "RUN_ALREADY_JOINED" ? 9 : 1; }`,
    );
    expect(failure).toMatchObject({ data: { exitCode: 9 } });
  });
});

it("two commands at once in one work tree make two whole records", async () => {
  using tree = makeWorkTree();
  tree.write("a.mjs", 'import { writeFileSync } from "node:fs"; writeFileSync(process.argv[2], process.argv[2]);');
  const made = await Promise.all(
    ["a.txt", "b.txt"].map((name) =>
      recordCommand([NODE, "a.mjs", name], {
        layers: {},
        collects: { result: name },
        process: tree.process,
        stdout: "stderr",
      }),
    ),
  );
  expect(made.map(({ failure }) => failure)).toEqual([null, null]);
  expect(listRuns({ cwd: tree.root })).toHaveLength(2);
});

it("two commands at once that both take what is written are told apart: the later one is refused", async () => {
  using tree = makeWorkTree();
  const stop = new AbortController();
  const going = run(
    tree,
    `import { writeFileSync } from "node:fs"; writeFileSync("started", ""); setInterval(() => {}, 1000);`,
    { signal: stop.signal },
  );
  await once(tree.root, "started");
  const error = await thrownBy(() => run(tree, "", { collects: "written" }));
  expect(error).toMatchObject({ code: "RUN_TREE_SHARED", data: { pid: process.pid } });
  stop.abort();
  await going;
  expect((await run(tree, "")).failure).toBeNull();
});

/** Waits until a file is there. */
async function once(folder: string, name: string): Promise<void> {
  const watcher = fs.promises.watch(folder);
  if (fs.existsSync(join(folder, name))) return;
  for await (const { filename } of watcher) if (filename === name) return;
}
