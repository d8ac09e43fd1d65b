import type { Difference } from "./difference.ts";
import type { Digest } from "./digest.ts";
import type { JsonObject } from "./json.ts";

/**
 * What every recorded state has.
 *
 * @public
 */
export interface LayerState {
  /** Name and version of the layout, for example `"repro/git-state/v1"`. */
  readonly schema: string;
  /**
   * What was seen but does not belong to the claim "the same": times, host names, branch names.
   *
   * A run record keeps it outside the part that is hashed, so that two identical runs have the same digest.
   */
  readonly observed?: object;
}

/**
 * Where a layer is opened.
 *
 * @public
 */
export interface LayerContext {
  /** Absolute path of the work tree's root, or of `cwd` where there is no work tree. Recorded paths are relative to it. */
  readonly root: string;
  /** Absolute working directory of what is recorded: `root`, or inside it. */
  readonly cwd: string;
  /** Environment variables of the recorded process, with those that layers opened before this one have asked for. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Folder where the processes of a wrapped command leave what they contribute, each in files of its own.
   *
   * They find it as `parts` in the folder that `REPRO_RUN_DIR` names. Absent when this process itself is what is recorded.
   */
  readonly partsFolder?: string;
  /** Aborts the run. */
  readonly signal?: AbortSignal;
  /**
   * Keeps bytes beside the record, under a name that is unique in the run: `"git/dirty.patch"`.
   *
   * @returns The digest of the bytes, for the layer's state.
   */
  attach(name: string, bytes: Uint8Array): Promise<Digest>;
}

/**
 * Where a layer brings a recorded state back.
 *
 * @public
 */
export interface RestoreContext {
  /** Absolute path of the user's own work tree. It is read, never written. */
  readonly source: string;
  /** Absolute path of the folder that becomes the restored work tree; it does not exist before the first layer makes it. */
  readonly root: string;
  /** Environment variables of this process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts the replay. */
  readonly signal?: AbortSignal;
  /** Reads what the layer once attached; the bytes have already been checked against the record. */
  attachment(name: string): Promise<Uint8Array>;
}

/**
 * What a layer did to bring a state back.
 *
 * @public
 */
export interface Restoration<State extends LayerState> {
  /** Captures in the restored tree what the recorded state captured in its own. */
  readonly layer: Layer<State, unknown>;
  /** Takes back what was made outside `root`. */
  dispose?(): Promise<void>;
}

/**
 * A layer that has been opened for one run.
 *
 * @public
 */
export interface OpenLayer<State extends LayerState, Handle> {
  /** What the program uses: `run.<name>`. */
  readonly handle: Handle;
  /** Environment variables that a wrapped command must find set, or unset (null), for this layer to hold in its process too. */
  readonly variables?: Readonly<Record<string, string | null>>;
  /** The state to record; called once, at the end of the run. */
  seal(): Promise<State>;
  /** Undoes what opening changed; called once, after `seal` or when the run is given up. */
  dispose?(): Promise<void>;
}

/**
 * One layer of the reproducibility stack: reads the machine once, and can say later what differs.
 *
 * A layer of your own needs nothing but this package.
 *
 * @example
 * ```ts
 * interface TimezoneState extends LayerState { readonly zone: string }
 *
 * const timezoneLayer: Layer<TimezoneState> = {
 *   schema: "example/timezone/v1",
 *   async open(context) {
 *     const state: TimezoneState = { schema: "example/timezone/v1", zone: context.env["TZ"] ?? "unset" };
 *     return { handle: state, seal: async () => state };
 *   },
 *   parse: (value) => value as TimezoneState,
 *   diff: (recorded, actual) => diffJson({ zone: recorded.zone }, { zone: actual.zone }),
 * };
 * timezoneLayer.schema; // => "example/timezone/v1"
 * ```
 * @public
 */
export interface Layer<State extends LayerState, Handle = State> {
  /** The `schema` of the states that it records. */
  readonly schema: string;
  /** Reads the machine. Refuses with a `ReproError` where a run could not be reproduced. */
  open(context: LayerContext): Promise<OpenLayer<State, Handle>>;
  /**
   * Checks a recorded state.
   *
   * @throws ReproError `LAYER_STATE_INVALID` with the path of what is wrong.
   */
  parse(value: unknown): State;
  /** Lists what differs; `[]` = the same. `observed` members are not compared. */
  diff(recorded: State, actual: State): readonly Difference[];
  /**
   * Brings a recorded state back for a replay; absent where there is nothing to bring back.
   *
   * @throws ReproError when something is missing: the replay is then blocked, and the error says by what.
   */
  restore?(recorded: State, context: RestoreContext): Promise<Restoration<State>>;
}

/**
 * The part of a state that is hashed: all but `observed`.
 *
 * @public
 */
export function withoutObserved(state: LayerState): JsonObject {
  const { observed: _, ...rest } = state;
  return rest; // encodeCanonical refuses whatever in it is not JSON
}
