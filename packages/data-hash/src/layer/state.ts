import { isDigest, parseState } from "@repro/core";
import type { Digest, LayerState } from "@repro/core";
import * as z from "zod";

/**
 * The state that {@link dataLayer} records: what data the run read.
 *
 * @public
 */
export interface DataState extends LayerState {
  /** Layout of this state. */
  readonly schema: "repro/data/v1";
  /** What was declared, by name. */
  readonly entries: { readonly [name: string]: DataEntry };
}

/**
 * One file or folder that a run reads.
 *
 * @public
 */
export interface DataEntry {
  /** Path relative to the root of the work tree, with `/`, `"."` for the root itself; absolute where the data lies outside. */
  readonly path: string;
  /** Whether it is a file, or a folder with all files in it. */
  readonly kind: "file" | "tree";
  /** SHA-256 of the file's bytes, or of the tree's manifest `repro/tree/v1`, as `hashTree` defines it. */
  readonly digest: Digest;
  /** MD5 of the file's bytes, or of the tree's DVC manifest: DVC's id of a tree is its hexadecimal digits and `.dir`. */
  readonly md5: Digest<"md5">;
  /** Length in bytes, of a tree the sum. */
  readonly sizeBytes: number;
  /** Number of files; 1 for a file. */
  readonly files: number;
  /** The `.dvc` file beside the data, against which it was verified; `null` where there is none. */
  readonly pointer: DataPointer | null;
}

/**
 * A `.dvc` file that data was verified against.
 *
 * @public
 */
export interface DataPointer {
  /** Path of the `.dvc` file, as that of the data. */
  readonly path: string;
  /** SHA-256 of the `.dvc` file itself. */
  readonly digest: Digest;
}

/** Name of the layout. */
export const DATA_SCHEMA = "repro/data/v1";

const NAME = /^[A-Za-z0-9_.-]+$/;

/** Names become members of records; `__proto__` is none in JavaScript. */
export function isEntryName(name: string): boolean {
  return NAME.test(name) && name !== "__proto__";
}

/** Absolute, or relative without a way out of its root. */
function isRecordedPath(path: string): boolean {
  if (path.includes("\0")) return false;
  if (isRecordedAbsolute(path) || path === ".") return true;
  return path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
}

/** Whether a recorded path is absolute, on this system or on another. */
export function isRecordedAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) || path.startsWith("\\\\");
}

const pathSchema = /* @__PURE__ */ z.string().refine(isRecordedPath, "must be absolute, or stay inside of the root");
const digestSchema = /* @__PURE__ */ z.custom<Digest>((value) => isDigest(value), "must be a sha256 digest");
const md5Schema = /* @__PURE__ */ z.custom<Digest<"md5">>((value) => isDigest(value, "md5"), "must be an md5 digest");
const countSchema = /* @__PURE__ */ z.int().nonnegative();

const entrySchema: z.ZodType<DataEntry> = /* @__PURE__ */ z.strictObject({
  path: pathSchema,
  kind: z.enum(["file", "tree"]),
  digest: digestSchema,
  md5: md5Schema,
  sizeBytes: countSchema,
  files: countSchema,
  pointer: z.strictObject({ path: pathSchema, digest: digestSchema }).nullable(),
});

// A record of zod's drops a member called `__proto__` in silence.
const membersSchema = /* @__PURE__ */ z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === "object" && value !== null && !Object.hasOwn(value, "__proto__"),
  "must be an object without __proto__",
);

/**
 * Checks a recorded {@link DataState}; unknown members are refused.
 *
 * @public
 */
export const dataStateSchema: z.ZodType<DataState> = /* @__PURE__ */ z.strictObject({
  schema: z.literal(DATA_SCHEMA),
  entries: membersSchema.pipe(
    z.record(z.string().refine(isEntryName, "must be letters, digits, _, . or -"), entrySchema),
  ),
});

/**
 * Checks a recorded state of the data layer.
 *
 * @throws ReproError `LAYER_STATE_INVALID`; `data.issues` lists where and what is wrong.
 * @public
 */
export function parseDataState(value: unknown): DataState {
  return parseState(dataStateSchema, value, { what: "a record of data" });
}
