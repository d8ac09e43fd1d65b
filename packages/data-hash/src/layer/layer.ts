import { canonicalText, compareCodePoints } from "@repro/core";
import type { Layer, LayerContext, OpenLayer } from "@repro/core";

import { nodeFs } from "../host.ts";
import type { DataFs } from "../host.ts";
import { captureEntry, locate, requireUnchanged } from "./capture.ts";
import type { CaptureOptions, CapturedEntry } from "./capture.ts";
import { diffDataState } from "./difference.ts";
import { restoreEntry } from "./restore.ts";
import { DATA_SCHEMA, isEntryName, parseDataState } from "./state.ts";
import type { DataEntry, DataState } from "./state.ts";

/**
 * What {@link dataLayer} takes beside the entries.
 *
 * @public
 */
export interface DataLayerOptions {
  /** What relative paths are relative to: the working directory, or the root of the work tree; `"cwd"` when omitted. */
  readonly relativeTo?: "cwd" | "root";
  /** File system; this machine's when omitted. */
  readonly fs?: DataFs;
}

/**
 * The layer that records what data a run reads.
 *
 * Opening it hashes every entry with SHA-256 and MD5 in one read, and refuses data that the `.dvc` file beside it does not
 * name. Sealing it makes sure that nothing changed meanwhile, by size, time and identity of each file; a file that was
 * younger than two seconds when it was read, or whose facts moved, is read again.
 *
 * A replay finds data in the restored work tree, else copies it from the user's work tree, else from its DVC cache.
 *
 * @param entries - Path of a file or a folder by name. Names are letters, digits, `_`, `.` and `-`. A relative path must stay
 *   inside of the work tree; an absolute one need not, and is then recorded as it is and must exist for a replay.
 * @throws RangeError for any other name, or an empty path.
 * @remarks `open` throws ReproError `DATA_MISSING`, `DATA_OUTSIDE_ROOT`, `DATA_POINTER_INVALID`, `DATA_POINTER_MISMATCH`,
 *   `DATA_POINTER_UNSUPPORTED`, and what `hashTree` throws; `seal` throws `DATA_CHANGED_DURING_RUN`; `restore` throws
 *   `DATA_MISSING`, `DATA_MISMATCH`, `DATA_OUTSIDE_ROOT`, `DATA_UNWRITABLE`.
 * @example
 * ```ts
 * dataLayer({ train: "data/train.csv" }).schema; // => "repro/data/v1"
 * ```
 * @public
 */
export function dataLayer<const Entries extends { readonly [name: string]: string }>(
  entries: Entries,
  options: DataLayerOptions = {},
): Layer<DataState, { readonly [Name in keyof Entries]: DataEntry }> {
  const declared = Object.entries(entries).toSorted(([a], [b]) => compareCodePoints(a, b));
  for (const [name, path] of declared) requireEntry(name, path);
  return {
    schema: DATA_SCHEMA,
    open: (context) => openData(declared, context, options),
    parse: parseDataState,
    diff: diffDataState,
    restore: async (recorded, context) => {
      const fs = options.fs ?? nodeFs;
      for (const [name, entry] of Object.entries(recorded.entries)) await restoreEntry(name, entry, context, fs);
      const paths = Object.entries(recorded.entries).map(([name, entry]) => [name, entry.path] as const);
      return { layer: dataLayer(Object.fromEntries(paths), { ...options, relativeTo: "root" }) };
    },
  };
}

function requireEntry(name: string, path: unknown): void {
  if (!isEntryName(name)) {
    throw new RangeError(
      `dataLayer: "entries" must be named by letters, digits, _, . and -, got ${canonicalText(name)}`,
    );
  }
  if (typeof path !== "string") throw new TypeError(`dataLayer: "${name}" must be a path, got ${typeof path}`);
  if (path === "" || path.includes("\0"))
    throw new RangeError(`dataLayer: "${name}" must be a path, got an empty one, or NUL`);
}

async function openData<Handle extends { readonly [name: string]: DataEntry }>(
  declared: readonly (readonly [string, string])[],
  context: LayerContext,
  { relativeTo = "cwd", fs = nodeFs }: DataLayerOptions,
): Promise<OpenLayer<DataState, Handle>> {
  const options: CaptureOptions = { root: context.root, fs, signal: context.signal };
  const base = relativeTo === "root" ? context.root : context.cwd;
  const captured: CapturedEntry[] = [];
  for (const [name, path] of declared)
    captured.push(await captureEntry(locate(name, path, base, context.root), options));
  const entries = Object.freeze(Object.fromEntries(captured.map(({ place, entry }) => [place.name, entry])));
  return {
    handle: entries as Handle, // one entry for each declared name
    seal: async () => {
      for (const entry of captured) await requireUnchanged(entry, options);
      return Object.freeze({ schema: DATA_SCHEMA, entries });
    },
  };
}
