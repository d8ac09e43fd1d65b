import { expectTypeOf, it } from "vitest";

import { diffJson } from "@repro/core";
import type { Digest, Layer, LayerState } from "@repro/core";
import { dataLayer } from "@repro/data-hash";
import { envLayer } from "@repro/env-lock";
import { gitLayer } from "@repro/git-state";
import { openRun } from "@repro/run-context";
import type { LayerHandle, Run, RunContext } from "@repro/run-context";
import { seedLayer } from "@repro/seed";
import type { Seed } from "@repro/seed";

interface PaletteState extends LayerState {
  readonly colours: readonly string[];
}

/** A user's own layer, written with nothing but @repro/core: its handle is not its state. */
const palette: Layer<PaletteState, { readonly pick: (index: number) => string }> = {
  schema: "example/palette/v1",
  open: async () => {
    const state: PaletteState = { schema: "example/palette/v1", colours: ["red"] };
    return { handle: { pick: (index) => state.colours[index] ?? "none" }, seal: async () => state };
  },
  parse: (value) => value as PaletteState,
  diff: (recorded, actual) => diffJson(recorded.colours, actual.colours),
};

it("gives each layer's handle under the layer's name", () => {
  const layers = { palette };
  expectTypeOf<LayerHandle<typeof palette>>().toEqualTypeOf<{ readonly pick: (index: number) => string }>();
  expectTypeOf<RunContext<typeof layers>["palette"]["pick"]>().toEqualTypeOf<(index: number) => string>();
  expectTypeOf<RunContext<typeof layers>>().toExtend<Run>();
  expectTypeOf(openRun<typeof layers>).returns.resolves.toEqualTypeOf<RunContext<typeof layers>>();
});

it("infers the names from the options, and refuses others and taken ones", () => {
  const open = async () => openRun({ layers: { palette }, params: { epochs: 1 } });
  type Opened = Awaited<ReturnType<typeof open>>;
  expectTypeOf<Opened["palette"]>().toEqualTypeOf<{ readonly pick: (index: number) => string }>();
  expectTypeOf<Opened>().not.toHaveProperty("git");
  // @ts-expect-error `step` is the run's own
  const taken = async () => openRun({ layers: { step: palette } });
  // @ts-expect-error parameters are JSON
  const notJson = async () => openRun({ layers: {}, params: { at: new Date() } });
  expectTypeOf(taken).toBeFunction();
  expectTypeOf(notJson).toBeFunction();
});

it("gives the layers of this repository as they are used", () => {
  const open = async () =>
    openRun({
      layers: { git: gitLayer(), data: dataLayer({ train: "data/train.csv" }), env: envLayer(), seed: seedLayer(42) },
      params: { epochs: 10, learningRate: 0.01 },
    });
  type Opened = Awaited<ReturnType<typeof open>>;
  expectTypeOf<Opened["git"]["commit"]>().toEqualTypeOf<string>();
  expectTypeOf<Opened["data"]["train"]["digest"]>().toEqualTypeOf<Digest>();
  expectTypeOf<Opened["data"]>().not.toHaveProperty("test");
  expectTypeOf<Opened["env"]["runtime"]["version"]>().toEqualTypeOf<string>();
  expectTypeOf<Opened["seed"]>().toEqualTypeOf<Seed>();
});
