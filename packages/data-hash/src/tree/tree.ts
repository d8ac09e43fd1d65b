import { namedDigests, requireAlgorithms } from "../hasher.ts";
import type { Digests, HashAlgorithm } from "../hasher.ts";
import type { DataFs } from "../host.ts";
import { readContent } from "./content.ts";

/**
 * What {@link hashTree} takes beside the path.
 *
 * @public
 */
export interface HashTreeOptions<Algorithms extends readonly HashAlgorithm[] = readonly ["sha256", "md5"]> {
  /** Algorithms, all computed in one read of each file; `["sha256", "md5"]` when omitted. */
  readonly algorithms?: Algorithms;
  /** File system; this machine's when omitted. */
  readonly fs?: DataFs;
  /** Stops the reading; it is looked at after every 16 MiB, or 256 small files. */
  readonly signal?: AbortSignal;
}

/**
 * Size and digests of a file, or of all files of a folder.
 *
 * @public
 */
export interface TreeHash<Algorithms extends readonly HashAlgorithm[] = readonly ["sha256", "md5"]> {
  /** Whether the path is a file, or a folder. */
  readonly kind: "file" | "tree";
  /** Sum of the lengths of all files, in bytes. */
  readonly sizeBytes: number;
  /** Number of files; 1 for a file. */
  readonly files: number;
  /** Of a file's bytes, or of a tree's manifest. */
  readonly digests: Digests<Algorithms>;
}

/**
 * Hashes a file, or a folder with all the files in it, in one read.
 *
 * A file's digests are those of `hashFile`. A folder's digest is the hash of a manifest of its files, in code-point order
 * of their paths relative to the folder, with `/`:
 *
 * - `md5`: DVC's manifest. The digest's hexadecimal digits and `.dir` are the id that DVC 3 gives the folder.
 * - `sha256` and `blake3`: `repro/tree/v1` and a line feed; then for each file the canonical JSON (RFC 8785)
 *   `{"relpath":"a/b.csv","sha256":"…"}`, where `sha256` (or `blake3`) holds the hexadecimal digits of the file's bytes, and
 *   a line feed.
 *
 * Modes, times and empty folders do not count. A link to a file counts as the file, a link to a folder is left out, and so are `.git`,
 * `.hg`, `.dvc`, folders that are DVC repositories, and what the `.dvcignore` files above the folder, in its DVC repository,
 * name. Without a DVC repository around it, no `.dvcignore` applies.
 *
 * @param root - File or folder; a relative path is relative to the process's working directory. A link is followed.
 * @throws RangeError when `algorithms` is empty or names an unknown one.
 * @throws ReproError `DATA_MISSING`, `DATA_UNREADABLE`, `DATA_CHANGED_WHILE_READ` as `hashFile`; `DATA_LINK_BROKEN` for a link to
 *   nothing; `DATA_NAME_NOT_UTF8` for a name that is not UTF-8; `DATA_DVCIGNORE_INSIDE` for a `.dvcignore` in the folder;
 *   `DATA_DVCIGNORE_UNSUPPORTED` for a pattern with `[`, `]`, a backslash, or `**` beside other characters.
 * @public
 */
export async function hashTree<const Algorithms extends readonly HashAlgorithm[] = readonly ["sha256", "md5"]>(
  root: string,
  options: HashTreeOptions<Algorithms> = {},
): Promise<TreeHash<Algorithms>> {
  const algorithms = options.algorithms ?? (["sha256", "md5"] as const as unknown as Algorithms);
  requireAlgorithms("hashTree", algorithms);
  const { kind, sizeBytes, stamps, digits } = await readContent(root, { ...options, hashings: algorithms });
  return Object.freeze({ kind, sizeBytes, files: stamps.length, digests: namedDigests(algorithms, digits) });
}
