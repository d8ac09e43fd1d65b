import { encodeCanonical, hashCanonical, isDigest, parseJson, parseState, ReproError } from "@repro/core";
import type { Digest, JsonObject, JsonValue } from "@repro/core";
import * as z from "zod";

import type { RunErrorCode } from "../error.ts";

/**
 * The one version of the record that this package writes and reads.
 *
 * @public
 */
export const RUN_SCHEMA = "repro/run/v1";

/**
 * What was run, and where.
 *
 * @public
 */
export interface RunCommand {
  /** Program and arguments; paths inside the work tree are relative to `cwd`. */
  readonly argv: readonly string[];
  /** Working directory relative to the work tree's root, `"."` for the root itself. */
  readonly cwd: string;
  /**
   * Which files became outputs: `"nothing"` (only what the program handed over itself), `"written"` (every file the
   * command created or changed in the work tree), or the named paths, relative to the root.
   */
  readonly collects: "nothing" | "written" | { readonly [name: string]: string };
}

/**
 * One result of a run, stored beside its record.
 *
 * @public
 */
export interface RunOutput {
  /** Name, unique in the run; also its path under `outputs/` in the run's folder. */
  readonly name: string;
  /** SHA-256 of the bytes. */
  readonly digest: Digest;
  /** Length in bytes. */
  readonly sizeBytes: number;
  /** Media type (RFC 6838); `application/octet-stream` when nobody said. */
  readonly mediaType: string;
}

/**
 * A file that a layer keeps beside the record.
 *
 * @public
 */
export interface RunAttachment {
  /** Name, unique in the run; also its path under `attachments/` in the run's folder. */
  readonly name: string;
  /** SHA-256 of the bytes. */
  readonly digest: Digest;
  /** Length in bytes. */
  readonly sizeBytes: number;
}

/**
 * The trace of a run: `trace.jsonl` in the run's folder, one canonical JSON line a step.
 *
 * @public
 */
export interface RunTrace {
  /** Every how many steps one was recorded; 1 = all. */
  readonly every: number;
  /** Recorded steps, the lines of the file. */
  readonly steps: number;
  /** SHA-256 of the file: `sha256sum trace.jsonl` prints the same. */
  readonly digest: Digest;
}

/**
 * Why a run did not complete.
 *
 * @public
 */
export interface RunFailure {
  /** Stable name of the failure. */
  readonly code: string;
  /** Its facts: exit code, signal, path. */
  readonly data: JsonObject;
}

/**
 * What a run was and what came out of it: the part of a run file that is hashed.
 *
 * Two runs that agree in all of it have the same digest. The environment is part of it: the same training on another
 * processor has another digest, and `diffRuns` says that only the environment differs.
 *
 * @public
 */
export interface RunRecord {
  /** `"repro/run/v1"`. */
  readonly schema: typeof RUN_SCHEMA;
  /** What was run. */
  readonly command: RunCommand;
  /** What the program was told: hyperparameters. */
  readonly params: JsonObject;
  /** State of each layer by its name, without `observed`. */
  readonly layers: { readonly [name: string]: JsonObject };
  /** The steps, or null when there were none. */
  readonly trace: RunTrace | null;
  /** Results, in code-point order of their names. */
  readonly outputs: readonly RunOutput[];
  /** Files of the layers, in code-point order of their names. */
  readonly attachments: readonly RunAttachment[];
  /** Final figures by name; a number that JSON cannot say is its text: `"NaN"`, `"-0"`, `"Infinity"`. */
  readonly metrics: { readonly [name: string]: number | string };
  /** `"completed"` only when the program said so by closing the run, or exited with 0. */
  readonly status: "completed" | "failed";
  /** Why it failed; null when it completed. */
  readonly error: RunFailure | null;
}

/**
 * What was seen of a run and may differ between two that are the same.
 *
 * @public
 */
export interface RunObserved {
  /** Name of the run's folder. */
  readonly runId: string;
  /** Start, RFC 3339 in UTC. */
  readonly startedAt: string;
  /** End, RFC 3339 in UTC. */
  readonly endedAt: string;
  /** Length by the monotonic clock, milliseconds. */
  readonly durationMs: number;
  /** Name of the machine. */
  readonly hostname: string;
  /** Process id of the recorder. */
  readonly pid: number;
  /** The package that wrote the file. */
  readonly recorder: { readonly name: string; readonly version: string };
  /** Absolute path of the work tree. */
  readonly root: string;
  /** What each layer saw beside its state. */
  readonly layers: { readonly [name: string]: JsonObject };
}

/**
 * A run file: `record.json` in the run's folder, canonical JSON.
 *
 * @public
 */
export interface RunFile {
  /** SHA-256 of the canonical JSON of `record`. */
  readonly digest: Digest;
  /** What is claimed. */
  readonly record: RunRecord;
  /** What is only told. */
  readonly observed: RunObserved;
}

const json: z.ZodType<JsonValue> = /* @__PURE__ */ z.json();
const jsonObject: z.ZodType<JsonObject> = /* @__PURE__ */ z.record(z.string(), json);
const digest: z.ZodType<Digest> = /* @__PURE__ */ z.custom<Digest>(
  (value) => isDigest(value),
  "must be a sha256 digest",
);
const size: z.ZodType<number> = /* @__PURE__ */ z.int().nonnegative();

/** Names become paths: relative, without empty, dot or dot-dot segments, and not longer than file systems allow. */
const fileName: z.ZodType<string> = /* @__PURE__ */ z
  .string()
  .refine((name) => isStoredName(name), "must be a relative path with / and without . or .. segments");

/**
 * Checks the hashed part of a run file; exported so that users can validate records with zod.
 *
 * @public
 */
export const runRecordSchema: z.ZodType<RunRecord> = /* @__PURE__ */ z.strictObject({
  schema: z.literal(RUN_SCHEMA),
  command: z.strictObject({
    argv: z.array(z.string()).min(1),
    cwd: z.union([z.literal("."), fileName]),
    collects: z.union([z.enum(["nothing", "written"]), z.record(fileName, fileName)]),
  }),
  params: jsonObject,
  layers: z.record(z.string(), jsonObject),
  trace: z.strictObject({ every: z.int().positive(), steps: size, digest }).nullable(),
  outputs: z.array(z.strictObject({ name: fileName, digest, sizeBytes: size, mediaType: z.string() })),
  attachments: z.array(z.strictObject({ name: fileName, digest, sizeBytes: size })),
  metrics: z.record(z.string(), z.union([z.number(), z.string()])),
  status: z.enum(["completed", "failed"]),
  error: z.strictObject({ code: z.string(), data: jsonObject }).nullable(),
});

/**
 * Checks the whole run file.
 *
 * @public
 */
export const runFileSchema: z.ZodType<RunFile> = /* @__PURE__ */ z.strictObject({
  digest,
  record: runRecordSchema,
  // What is only told may grow: members that this version does not know are kept.
  observed: z.looseObject({
    runId: z.string(),
    startedAt: z.string(),
    endedAt: z.string(),
    durationMs: z.number().nonnegative(),
    hostname: z.string(),
    pid: size,
    recorder: z.looseObject({ name: z.string(), version: z.string() }),
    root: z.string(),
    layers: z.record(z.string(), jsonObject),
  }),
});

/**
 * Tells whether a name can be a path inside a run's folder.
 *
 * @param name - Up to 1,024 characters; segments joined by `/`, none of them empty, `.` or `..`; no NUL, no backslash.
 */
export function isStoredName(name: string): boolean {
  if (name === "" || name.length > 1024 || name.includes("\0") || name.includes("\\")) return false;
  return name.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/**
 * Names a record by the SHA-256 of its canonical JSON: comparing two runs is comparing two digests.
 *
 * @public
 */
export function hashRun(record: RunRecord): Digest {
  return hashCanonical(asJson(record));
}

/**
 * Writes a run file.
 *
 * @returns Canonical JSON (RFC 8785) and a line feed.
 * @public
 */
export function encodeRunFile(file: RunFile): Uint8Array {
  const bytes = encodeCanonical(asJson(file));
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  return line;
}

/** Interfaces have no index signature; encodeCanonical refuses whatever in them is not JSON. */
function asJson(value: object): JsonObject {
  return { ...value };
}

/**
 * Reads a run file, and checks that its record is the one that was sealed. What was only observed is not protected.
 *
 * @param text - Content of a `record.json`.
 * @param options - `where` names the file in errors.
 * @throws ReproError `RUN_SCHEMA_UNSUPPORTED` when a newer version wrote it; `RUN_RECORD_INVALID` when its layout is
 *   wrong; `RUN_DIGEST_MISMATCH` when it was edited after it was sealed.
 * @public
 */
export function parseRunFile(text: string, options: { readonly where: string }): RunFile {
  const value = parseJson(text, { what: options.where });
  refuseOtherSchema(value, options.where);
  const file = parseState(runFileSchema, value, { what: options.where, code: "RUN_RECORD_INVALID" });
  const actual = hashCanonical(memberOf(value, "record") ?? null); // of what stands there, not of what a schema made of it
  if (actual === file.digest) return file;
  throw new ReproError<RunErrorCode>(`parseRunFile: "${options.where}" was changed after it was sealed`, {
    code: "RUN_DIGEST_MISMATCH",
    remedy: "restore the file from a backup; a changed record proves nothing",
    data: { path: options.where, expected: file.digest, actual },
  });
}

function refuseOtherSchema(value: JsonValue, where: string): void {
  const record = memberOf(value, "record");
  const schema = memberOf(record, "schema");
  if (typeof schema !== "string" || schema === RUN_SCHEMA || !schema.startsWith("repro/run/")) return;
  throw new ReproError<RunErrorCode>(
    `parseRunFile: "${where}" has the layout ${schema}, this version reads ${RUN_SCHEMA}`,
    {
      code: "RUN_SCHEMA_UNSUPPORTED",
      remedy: "install the version of @repro/cli that wrote it, or a newer one",
      data: { path: where, schema, reads: [RUN_SCHEMA] },
    },
  );
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
}
