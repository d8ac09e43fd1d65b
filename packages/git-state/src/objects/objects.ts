import { isReproError } from "@repro/core";
import type { PromiseFsClient } from "isomorphic-git";

import { gitError } from "../error.ts";
import type { BytePath, FileReader } from "../files.ts";
import { hashHex, pathOfBytes } from "../files.ts";
import type { TreeItem } from "../tree/flatten.ts";
import { parseTree } from "../tree/parse.ts";
import { objectFolders } from "./alternates.ts";
import { createReadOnlyFs } from "./read-only-fs.ts";

/** What a commit says. */
export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
}

/** Reads the objects of a repository. Each is what its id says: it has been hashed. */
export interface ObjectReader {
  readonly readCommit: (id: string) => Promise<Commit>;
  readonly readTree: (id: string) => Promise<readonly TreeItem[]>;
  readonly readBlob: (id: string) => Promise<Uint8Array>;
  /** Follows tag objects to what they name in the end. */
  readonly peel: (id: string) => Promise<string>;
  /** Version of isomorphic-git, which does the reading. */
  readonly version: string;
}

/**
 * What is used of isomorphic-git: the one function that does not parse what it reads, so that it can be hashed and names
 * stay bytes.
 */
interface ObjectLibrary {
  readonly readObject: (options: {
    readonly fs: PromiseFsClient;
    readonly gitdir: string;
    readonly oid: string;
    readonly format: "content";
    readonly cache: object;
  }) => Promise<{ readonly type: string; readonly format?: string; readonly object: unknown }>;
  readonly version: () => string;
}

interface GitObject {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/**
 * Opens the objects of a repository and of those that it borrows from. Each is read by isomorphic-git, and hashed here.
 *
 * @throws ReproError `GIT_UNREADABLE`: at once when a folder of borrowed objects is gone, later when an object is
 *   missing, damaged, or of another type; `data: { id }`.
 */
export async function openObjects(files: FileReader, commonDir: BytePath): Promise<ObjectReader> {
  // Loaded here, so that who has the git program does not wait for it.
  const isomorphicGit: ObjectLibrary = await import("isomorphic-git");
  const stores = objectFolders(files, `${commonDir}/objects`).map((folder) => ({
    fs: createReadOnlyFs(files, { "/store/objects": folder }),
    cache: {},
  }));
  const read = async (id: string): Promise<GitObject> => {
    for (const { fs, cache } of stores) {
      try {
        const found = await isomorphicGit.readObject({ fs, gitdir: "/store", oid: id, format: "content", cache });
        if (found.format === "content" && found.object instanceof Uint8Array)
          return { type: found.type, bytes: found.object };
      } catch (cause) {
        if (cause instanceof Error && "code" in cause && cause.code === "NotFoundError") continue;
        throw damaged(id, cause);
      }
    }
    throw missing(id);
  };
  const readAs = async (id: string, type: string): Promise<Uint8Array> => {
    const object = await read(id);
    if (object.type !== type || idOf(object) !== id) throw damaged(id);
    return object.bytes;
  };
  return {
    version: isomorphicGit.version(),
    readCommit: async (id) => parseCommit(id, await readAs(id, "commit")),
    readTree: async (id) => (id === EMPTY_TREE ? [] : treeItems(id, await readAs(id, "tree"))),
    readBlob: async (id) => readAs(id, "blob"),
    peel: async (id) => peel(id, read),
  };
}

/** The tree without entries need not be stored. */
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

function idOf({ type, bytes }: GitObject): string {
  return hashHex("sha1", `${type} ${bytes.byteLength}\0`, bytes);
}

async function peel(id: string, read: (id: string) => Promise<GitObject>): Promise<string> {
  const object = await read(id);
  if (idOf(object) !== id) throw damaged(id);
  if (object.type !== "tag") return id;
  const target = /^object (?<id>[0-9a-f]{40})\n/.exec(pathOfBytes(object.bytes))?.groups?.["id"];
  if (target === undefined) throw damaged(id);
  return peel(target, read); // a tag cannot lead to itself: its id is a hash over that of its target
}

function parseCommit(id: string, bytes: Uint8Array): Commit {
  const header = pathOfBytes(bytes).split("\n\n", 1)[0] ?? "";
  const { tree, parents } =
    /^tree (?<tree>[0-9a-f]{40})\n(?<parents>(?:parent [0-9a-f]{40}\n)*)/.exec(header)?.groups ?? {};
  if (tree === undefined || parents === undefined) throw damaged(id);
  return { tree, parents: [...parents.matchAll(/parent ([0-9a-f]{40})/g)].map((match) => match[1] ?? "") };
}

function treeItems(id: string, bytes: Uint8Array): readonly TreeItem[] {
  const items = parseTree(bytes, 20);
  if (items === null) throw damaged(id);
  return items;
}

function missing(id: string): Error {
  return gitError(`captureGitState: object ${id} is not in the repository`, {
    code: "GIT_UNREADABLE",
    remedy: "`git fetch` brings objects of a partial clone; `git fsck` says what else is missing",
    data: { id, reason: "missing" },
  });
}

function damaged(id: string, cause?: unknown): Error {
  if (isReproError(cause)) return cause;
  return gitError(`captureGitState: object ${id} is damaged`, {
    code: "GIT_UNREADABLE",
    remedy: "`git fsck` says which files are damaged; a fresh clone has them whole",
    data: { id, reason: "damaged" },
    cause,
  });
}
