import type { BytePath, FileReader } from "../files.ts";
import { bytesOfPath, createHasher, hashHex } from "../files.ts";
import type { ContentAttributes } from "../rules/attributes.ts";
import type { ContentConfig } from "../rules/content.ts";
import { cleanContent, needsContent } from "../rules/content.ts";
import { MAX_LFS_POINTER_BYTES, encodeLfsPointer, parseLfsPointer } from "../rules/lfs.ts";
import { changedMeanwhile } from "../scan/readable.ts";
import type { HashCandidate } from "../scan/result.ts";
import type { GitApproximation } from "../state/state.ts";
import type { AttributeReader } from "../rules/attribute-reader.ts";

/** What decides what git stores of a file. */
export interface ContentRules extends ContentConfig {
  readonly files: FileReader;
  /** Absolute path of the work tree. */
  readonly root: BytePath;
  readonly attributesOf: AttributeReader;
  /** Whether git-lfs is the filter `lfs`, so that pointers are stored. */
  readonly lfs: boolean;
  /** Names of the filters that are configured; this engine runs none. */
  readonly filters: ReadonlySet<string>;
  readonly readBlob: (id: string) => Promise<Uint8Array>;
}

/** What git would store of a file. */
export interface StoredFile {
  readonly id: string;
  /** Why it may not be what git would store; `null` when it is. */
  readonly approximation: GitApproximation["reason"] | null;
}

/** Finds out what git would store of a file or link, without holding more of a plain file than a part. */
export async function storedFile(candidate: HashCandidate, rules: ContentRules): Promise<StoredFile> {
  const { path } = candidate;
  const attributes = isLink(candidate) ? {} : await rules.attributesOf(path);
  const filter = filterOf(attributes, rules);
  if (!isLink(candidate) && filter !== "lfs" && !needsContent(attributes, rules)) {
    return { id: hashFile(candidate, rules), approximation: filter };
  }
  const { bytes, approximation } = await contentsOf(candidate, attributes, rules);
  return { id: blobId(bytes), approximation: filter === "filter" ? filter : approximation };
}

/**
 * Reads what {@link storedFile} has hashed.
 *
 * @throws ReproError `GIT_UNREADABLE` when it is not the same any more.
 */
export async function storedContents(candidate: HashCandidate, rules: ContentRules, id: string): Promise<Uint8Array> {
  const attributes = isLink(candidate) ? {} : await rules.attributesOf(candidate.path);
  const { bytes } = await contentsOf(candidate, attributes, rules);
  if (blobId(bytes) !== id) throw changedMeanwhile(candidate.path);
  return bytes;
}

const LINK = 0o120000;

/** A link, or, where the file system has none, the plain file that stands for it. */
function isLink({ mode }: HashCandidate): boolean {
  return mode === LINK;
}

async function contentsOf(
  candidate: HashCandidate,
  attributes: ContentAttributes,
  rules: ContentRules,
): Promise<{ readonly bytes: Uint8Array; readonly approximation: "encoding" | null }> {
  const { path, stat, entry } = candidate;
  const { files, root } = rules;
  if (stat.kind === "link") {
    return { bytes: bytesOfPath(present(path, files.readLink(`${root}/${path}`))), approximation: null };
  }
  if (filterOf(attributes, rules) !== "lfs") {
    const bytes = present(path, files.read(`${root}/${path}`));
    return isLink(candidate) ? { bytes, approximation: null } : cleanContent(bytes, optionsOf());
  }
  return cleanContent(lfsContents(path, rules), optionsOf());

  function optionsOf(): Parameters<typeof cleanContent>[1] {
    return { attributes, config: rules, inIndex: async () => (entry === null ? null : rules.readBlob(entry.id)) };
  }
}

function filterOf({ filter }: ContentAttributes, { lfs, filters }: ContentRules): "lfs" | "filter" | null {
  if (typeof filter !== "string") return null;
  if (filter === "lfs" && lfs) return "lfs";
  return filters.has(filter) ? "filter" : null;
}

function blobId(bytes: Uint8Array): string {
  return hashHex("sha1", `blob ${bytes.byteLength}\0`, bytes);
}

function hashFile({ path }: HashCandidate, { files, root }: ContentRules): string {
  const { sizeBytes } = present(path, files.stat(`${root}/${path}`));
  const hasher = createHasher("sha1");
  hasher.update(`blob ${sizeBytes}\0`);
  if (files.readParts(`${root}/${path}`, hasher.update) !== sizeBytes) throw changedMeanwhile(path);
  return hasher.hex();
}

/** What git-lfs makes of a file: a pointer, unless it is one, or empty. */
function lfsContents(path: BytePath, { files, root }: ContentRules): Uint8Array {
  const place = `${root}/${path}`;
  if (present(path, files.stat(place)).sizeBytes <= MAX_LFS_POINTER_BYTES) {
    const bytes = present(path, files.read(place));
    if (bytes.byteLength === 0 || parseLfsPointer(bytes) !== null) return bytes;
  }
  const hasher = createHasher("sha256");
  const sizeBytes = present(path, files.readParts(place, hasher.update));
  return encodeLfsPointer({ digest: `sha256:${hasher.hex()}`, sizeBytes });
}

function present<T>(path: BytePath, value: T | null): T {
  if (value === null) throw changedMeanwhile(path);
  return value;
}
