import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { diffJson, isReproError } from "@repro/core";
import type { JsonValue, Layer, LayerState, ReproError } from "@repro/core";

/** A work tree in a fresh folder: what makes it one is that `.git` exists. */
export interface WorkTree extends Disposable {
  readonly root: string;
  readonly process: { readonly cwd: string; readonly env: Record<string, string | undefined> };
  write(name: string, text: string): void;
}

export function makeWorkTree(files: Readonly<Record<string, string>> = {}): WorkTree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "repro-run-context-")));
  mkdirSync(join(root, ".git"));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const env = { PATH: process.env["PATH"], NODE_OPTIONS: "" };
  return {
    root,
    process: { cwd: root, env },
    write,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

export interface ValueState extends LayerState {
  readonly value: JsonValue;
}

/** A layer that records one value, written with nothing but @repro/core. */
export function valueLayer(value: JsonValue, schema = "test/value/v1"): Layer<ValueState> {
  return {
    schema,
    open: async () => {
      const state: ValueState = { schema, value, observed: { seenAt: Math.trunc(performance.now() * 1000) } };
      return { handle: state, seal: async () => state };
    },
    parse: (state) => state as ValueState,
    diff: (recorded, actual) => diffJson(recorded.value, actual.value, { at: "/value" }),
    restore: async (recorded) => ({ layer: valueLayer(recorded.value, schema) }),
  };
}

/** A layer that brings the code back by copying the user's folder. */
export function copyLayer(): Layer<LayerState> {
  const state: LayerState = { schema: "test/copy/v1" };
  return {
    schema: state.schema,
    open: async () => ({ handle: state, seal: async () => state }),
    parse: () => state,
    diff: () => [],
    restore: async (_, { source, root }) => {
      cpSync(source, root, { recursive: true });
      return { layer: copyLayer() };
    },
  };
}

/** What a function throws, which must be a ReproError. */
export async function thrownBy(work: () => unknown): Promise<ReproError> {
  try {
    await work();
  } catch (error) {
    if (isReproError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
