import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isReproError } from "@repro/core";
import { encodeRunFile, hashRun, openRun, parseRunFile, readRun } from "@repro/run-context";
import type { RunFile } from "@repro/run-context";

import { makeWorkTree, thrownBy, valueLayer } from "./fixture.ts";

async function sealedFile(): Promise<RunFile> {
  using tree = makeWorkTree();
  const run = await openRun({ layers: { code: valueLayer("a") }, params: { rate: 0.1 }, process: tree.process });
  run.step({ loss: 0.5 });
  run.metric("auc", 0.75);
  await run.output("model", new Uint8Array(2));
  return (await run.close()).file;
}

const file = await sealedFile();
const text = new TextDecoder().decode(encodeRunFile(file));

it("parse(encode(x)) = x, and encode(parse(bytes)) = bytes", () => {
  const parsed = parseRunFile(text, { where: "a.json" });
  expect(parsed).toEqual(file);
  expect(new TextDecoder().decode(encodeRunFile(parsed))).toBe(text);
});

// Python 3.11, json.dumps(sort_keys=True, separators=(",", ":")) and hashlib, prints the same digest.
it("a record with every member has this digest; changes only in a major", () => {
  expect(
    hashRun({
      schema: "repro/run/v1",
      command: { argv: ["node", "train.mjs"], cwd: ".", collects: { model: "out/model.bin" } },
      params: { epochs: 3 },
      layers: { seed: { schema: "repro/seed/v1", seed: "42" } },
      trace: { every: 1, steps: 1, digest: `sha256:${"1".repeat(64)}` },
      outputs: [{ name: "model", digest: `sha256:${"2".repeat(64)}`, sizeBytes: 7, mediaType: "text/plain" }],
      attachments: [],
      metrics: { auc: 0.75, loss: "NaN" },
      status: "failed",
      error: { code: "RUN_COMMAND_KILLED", data: { signal: "SIGKILL" } },
    }),
  ).toBe("sha256:e3201fd7f076b04064a4bd7b351da38271e61d192218e5042b323a03eb177aba");
});

describe("a record edited by hand", () => {
  it.each([
    ["a metric", '"auc":0.75', '"auc":0.95'],
    ["a parameter", '"rate":0.1', '"rate":0.2'],
    ["the status", '"status":"completed"', '"status":"failed"'],
    ["a layer", '"value":"a"', '"value":"b"'],
    ["the size of an output", '"sizeBytes":2', '"sizeBytes":3'],
  ])("is recognised by %s", async (_, from, to) => {
    expect(text).toContain(from);
    const error = await thrownBy(() => parseRunFile(text.replace(from, to), { where: "a.json" }));
    expect(error).toMatchObject({ code: "RUN_DIGEST_MISMATCH", data: { path: "a.json", expected: file.digest } });
    expect(error.remedy).not.toBe("");
  });

  it("is recognised by any one bit, unless the bit is only observed", () => {
    const bytes = new TextEncoder().encode(text);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const flipped = bytes.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const read = readOrCode(new TextDecoder().decode(flipped));
        if (typeof read !== "string") expect(read.record).toEqual(file.record);
      }),
      { numRuns: 2000 },
    );
  });

  function readOrCode(edited: string): RunFile | string {
    try {
      return parseRunFile(edited, { where: "a.json" });
    } catch (error) {
      if (isReproError(error)) return error.code;
      throw error;
    }
  }

  it.each([0, 1, 100, text.length - 2])("is recognised when it is cut after %i characters", async (length) => {
    const error = await thrownBy(() => parseRunFile(text.slice(0, length), { where: "a.json" }));
    expect(error.code).toBe("JSON_MALFORMED");
  });
});

it("a newer layout is named, with what to install", async () => {
  const newer = text.replace('"schema":"repro/run/v1"', '"schema":"repro/run/v2"');
  const error = await thrownBy(() => parseRunFile(newer, { where: "a.json" }));
  expect(error).toMatchObject({ code: "RUN_SCHEMA_UNSUPPORTED", data: { schema: "repro/run/v2" } });
  expect(error.remedy).toContain("@repro/cli");
});

it.each(["null", "[]", "{}", '{"record":null}', '{"record":{"schema":"repro/run/v1"}}', '{"record":{"schema":7}}'])(
  "%s is no run file, and the error says where",
  async (other) => {
    const error = await thrownBy(() => parseRunFile(other, { where: "a.json" }));
    expect(error.code).toBe("RUN_RECORD_INVALID");
    expect(error.data["issues"]).not.toEqual([]);
  },
);

it("names that would leave the run's folder are refused when a record is read", async () => {
  const climbing = {
    ...file.record,
    outputs: [Object.assign({}, file.record.outputs[0], { name: "../../etc/passwd" })],
  };
  const forged = { ...file, record: climbing, digest: hashRun(climbing) };
  const error = await thrownBy(() =>
    parseRunFile(new TextDecoder().decode(encodeRunFile(forged)), { where: "a.json" }),
  );
  expect(error.code).toBe("RUN_RECORD_INVALID");
});

it("a trace that is not the recorded one is refused", async () => {
  using tree = makeWorkTree();
  const run = await openRun({ layers: {}, process: tree.process });
  run.step({ loss: 1 });
  const { runId, location } = await run.close();
  const trace = join(location, "trace.jsonl");
  writeFileSync(trace, readFileSync(trace, "utf8").replace("1}", "2}"));
  const error = await thrownBy(() => readRun(runId, { cwd: tree.root }).trace());
  expect(error.code).toBe("RUN_TRACE_MISMATCH");
});

it("a file that is not UTF-8 is unreadable, not garbled", async () => {
  using tree = makeWorkTree();
  writeFileSync(join(tree.root, "record.json"), Uint8Array.of(0x7b, 0xff, 0x7d));
  expect((await thrownBy(() => readRun("record.json", { cwd: tree.root }))).code).toBe("RUN_RECORD_UNREADABLE");
});
