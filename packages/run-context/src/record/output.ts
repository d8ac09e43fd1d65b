import { ReproError } from "@repro/core";

import type { RunErrorCode } from "../error.ts";
import { hashFile, path } from "../host.ts";
import type { RunFileSystem } from "../host.ts";
import { isStoredName } from "./file.ts";
import type { RunCommand, RunOutput } from "./file.ts";
import type { RecordDraft } from "./store.ts";
import { errnoOf } from "./store.ts";
import { snapshotPaths, snapshotTree, writtenSince } from "./tree.ts";
import type { TreeSnapshot } from "./tree.ts";

/** Media types (RFC 6838) of what training programs write; everything else is bytes. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv",
  html: "text/html",
  json: "application/json",
  jsonl: "application/jsonl",
  md: "text/markdown",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
};

/** A file of the work tree that is a result. */
export interface CollectedFile {
  /** Name of the output. */
  readonly name: string;
  /** Path relative to the root, with `/`. */
  readonly path: string;
}

/** Watches the files that may become outputs of a command. */
export interface OutputWatch {
  /**
   * Lists the outputs.
   *
   * @throws ReproError `RUN_OUTPUT_MISSING` or `RUN_OUTPUT_STALE` for a named path that the command did not write.
   */
  collect(): readonly CollectedFile[];
}

/**
 * Notes what is there before a command starts, so that only what it writes is taken for its results.
 *
 * @param root - Absolute path of the work tree's root.
 */
export function watchOutputs(root: string, collects: RunCommand["collects"], fs: RunFileSystem): OutputWatch {
  if (collects === "nothing") return { collect: () => [] };
  if (collects === "written") {
    const before = snapshotTree(root, fs);
    return { collect: () => writtenSince(before, snapshotTree(root, fs)).map((name) => ({ name, path: name })) };
  }
  const named = Object.entries(collects);
  const before = named.map(([, file]) => snapshotPaths(root, [file], fs));
  return {
    collect: () =>
      named.flatMap(([name, file], index) =>
        namedFiles(before[index] ?? new Map(), snapshotPaths(root, [file], fs), name, file),
      ),
  };
}

function namedFiles(before: TreeSnapshot, after: TreeSnapshot, name: string, file: string): readonly CollectedFile[] {
  if (after.size === 0) {
    throw new ReproError<RunErrorCode>(`recordCommand: output "${name}" is missing: the command wrote no "${file}"`, {
      code: "RUN_OUTPUT_MISSING",
      remedy: "let the command write it, or name the path that it writes with --output NAME=PATH",
      data: { name, path: file },
    });
  }
  const written = writtenSince(before, after);
  if (written.length === 0) {
    throw new ReproError<RunErrorCode>(
      `recordCommand: output "${name}" is stale: "${file}" was there before and the command did not write it`,
      {
        code: "RUN_OUTPUT_STALE",
        remedy: `remove "${file}" and let the command write it, or name another output`,
        data: { name, path: file },
      },
    );
  }
  return written.map((found) => ({ name: found === file ? name : name + found.slice(file.length), path: found }));
}

/**
 * Copies one result into the record, and hashes the copy.
 *
 * @throws ReproError `RUN_OUTPUT_UNNAMEABLE`, `RUN_OUTPUT_UNREADABLE` when it cannot be read, `RUN_RECORD_UNWRITABLE` when it cannot be kept.
 */
export function storeFile(root: string, file: CollectedFile, draft: RecordDraft, fs: RunFileSystem): RunOutput {
  const from = path.join(root, file.path);
  requireNameable(file);
  requireReadable(from, file, fs);
  const name = `outputs/${file.name}`;
  draft.copy(name, from);
  const { digest, sizeBytes } = hashFile(path.join(draft.folder, name));
  return { name: file.name, digest, sizeBytes, mediaType: mediaTypeOf(file.path) };
}

function requireNameable(file: CollectedFile): void {
  if (isStoredName(file.name)) return;
  throw new ReproError<RunErrorCode>(`recordCommand: no record can hold an output called "${file.name}"`, {
    code: "RUN_OUTPUT_UNNAMEABLE",
    remedy: "let the program write it under a name without backslash, and of at most 1,024 characters",
    data: { name: file.name, path: file.path },
  });
}

function requireReadable(from: string, file: CollectedFile, fs: RunFileSystem): void {
  try {
    fs.closeSync(fs.openSync(from, "r"));
  } catch (cause) {
    throw new ReproError<RunErrorCode>(`recordCommand: output "${file.name}" cannot be read: ${errnoOf(cause)}`, {
      code: "RUN_OUTPUT_UNREADABLE",
      remedy: `make "${file.path}" readable for the user who records the run`,
      data: { name: file.name, path: file.path, errno: errnoOf(cause) },
      cause,
    });
  }
}

function mediaTypeOf(file: string): string {
  const extension = file.slice(file.lastIndexOf(".") + 1).toLowerCase();
  return (Object.hasOwn(MEDIA_TYPES, extension) ? MEDIA_TYPES[extension] : undefined) ?? "application/octet-stream";
}
