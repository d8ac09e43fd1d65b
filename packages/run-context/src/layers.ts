import { withoutObserved } from "@repro/core";
import type { JsonObject, Layer, LayerContext, LayerState, OpenLayer } from "@repro/core";

/**
 * The layers of a run, by the names under which the program finds their handles.
 *
 * @public
 */
export interface RunLayers {
  /** A layer, which the program finds as `run.<name>`. */
  readonly [name: string]: Layer<LayerState, unknown>;
}

/**
 * What a layer gives to the program: `run.git` is the handle of the layer called `git`.
 *
 * @public
 */
export type LayerHandle<L> = L extends { open(context: LayerContext): Promise<OpenLayer<infer _State, infer Handle>> }
  ? Handle
  : never;

/** Layers that have been opened for one run. */
export interface OpenLayers {
  readonly handles: Readonly<Record<string, unknown>>;
  /** Variables of all layers together; of two that set the same one, the later layer's holds. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  seal(): Promise<SealedLayers>;
  dispose(): Promise<void>;
}

/** States of all layers that could be sealed, split in what is hashed and what is only told. */
export interface SealedLayers {
  readonly states: Readonly<Record<string, JsonObject>>;
  readonly observed: Readonly<Record<string, JsonObject>>;
  /** What the first layer threw that could not be sealed. */
  readonly fault?: Error;
}

/**
 * Opens layers one after the other; where one refuses, those before it are undone.
 */
export async function openLayers(layers: RunLayers, context: LayerContext): Promise<OpenLayers> {
  const opened: [string, OpenLayer<LayerState, unknown>][] = [];
  const dispose = async (): Promise<void> => {
    const faults: unknown[] = [];
    for (const [, layer] of opened.splice(0).toReversed()) {
      try {
        await layer.dispose?.();
      } catch (fault) {
        faults.push(fault); // the others are undone all the same
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, "a layer could not be undone");
  };
  try {
    for (const [name, layer] of Object.entries(layers)) {
      context.signal?.throwIfAborted();
      // Each layer finds the variables of those before it set, so that it can add to them: NODE_OPTIONS is one for all.
      const env = { ...context.env, ...variablesOf(opened) };
      opened.push([name, await layer.open({ ...context, env })]);
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    handles: Object.fromEntries(opened.map(([name, layer]) => [name, layer.handle])),
    variables: variablesOf(opened),
    seal: () => sealLayers(opened),
    dispose,
  };
}

function variablesOf(
  opened: readonly (readonly [string, OpenLayer<LayerState, unknown>])[],
): Readonly<Record<string, string | undefined>> {
  const entries = opened.flatMap(([, { variables }]) => Object.entries(variables ?? {}));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? undefined]));
}

/** One layer that cannot be sealed does not take the others' states, nor hours of training, with it. */
async function sealLayers(
  opened: readonly (readonly [string, OpenLayer<LayerState, unknown>])[],
): Promise<SealedLayers> {
  const states: Record<string, JsonObject> = {};
  const observed: Record<string, JsonObject> = {};
  let fault: Error | undefined;
  for (const [name, layer] of opened) {
    try {
      const state = await layer.seal();
      states[name] = withoutObserved(state);
      if (state.observed !== undefined) observed[name] = { ...state.observed };
    } catch (cause) {
      // Becomes the run's recorded failure, and is thrown once the record is whole.
      fault ??= cause instanceof Error ? cause : new Error(`the layer "${name}" cannot be sealed`, { cause });
    }
  }
  return fault === undefined ? { states, observed } : { states, observed, fault };
}
