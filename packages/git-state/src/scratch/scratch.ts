import { emptyFile, makeFolder, makeScratchFolder, pathListSeparator, removeFolder, writeText } from "../host.ts";
import type { GitContext, GitInput, Setting } from "../git/command.ts";
import { git } from "../git/command.ts";
import type { Repository } from "../git/repository.ts";
import { objectsFolder } from "../git/repository.ts";

/** Which objects a run of git reads, and where it writes. */
export interface ObjectStore {
  /** Folder that new objects go to, and the first that is read. */
  readonly objects: string;
  /** Further folders that are read. */
  readonly alternates: readonly string[];
}

/** A run of git in the scratch repository. */
export interface ScratchInput extends GitInput {
  readonly store: ObjectStore;
  /** Absolute path of the index file. */
  readonly index?: string;
}

/**
 * A bare repository of our own, outside the user's: its git reads no configuration and no attributes, so that what it
 * writes depends on objects alone, and nothing that a repository configures can run.
 */
export interface Scratch extends AsyncDisposable {
  /** Absolute path of the folder that holds everything, removed at the end. */
  readonly folder: string;
  /** The user's objects, for reading, and an object folder of ours that takes what is new. */
  readonly readable: ObjectStore;
  /** Gives the absolute path of a file or folder that is not there yet. */
  readonly newPath: (name: string) => string;
  /** Runs git in the scratch repository. */
  git(args: readonly string[], input: ScratchInput): Promise<Uint8Array>;
}

/**
 * Makes a scratch repository beside the user's.
 *
 * @param repositories - Those whose objects it reads; all of one object format.
 * @remarks gitrepository-layout(5): what makes a folder a repository. `git init` would make the same, more slowly.
 */
export async function openScratch([repository, ...others]: readonly [Repository, ...Repository[]]): Promise<Scratch> {
  const alternates = [...new Set([repository, ...others].map(objectsFolder))];
  const folder = await makeScratchFolder();
  const store = `${folder}/store`;
  const context = isolated(repository.context, folder);
  const dispose = async (): Promise<void> => removeFolder(folder);
  try {
    await Promise.all(["objects", "refs"].map(async (name) => makeFolder(`${store}/${name}`)));
    await writeText(`${store}/HEAD`, "ref: refs/heads/none\n");
    await writeText(`${store}/config`, CONFIG[repository.objectFormat]);
  } catch (error) {
    await dispose();
    throw error;
  }
  let paths = 0;
  return {
    folder,
    readable: { objects: `${store}/objects`, alternates },
    newPath: (name) => `${folder}/${(paths += 1)}-${name}`,
    git: async (args, input) => {
      const variables = { GIT_DIR: store, ...storeVariables(input.store), ...indexVariables(input.index) };
      return git(context, args, { ...input, variables });
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** Configuration of a bare repository, by the format of its objects. */
const CONFIG = {
  sha1: "[core]\n\trepositoryFormatVersion = 0\n\tbare = true\n",
  sha256: "[core]\n\trepositoryFormatVersion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n",
} as const;

function isolated({ env, signal }: GitContext, cwd: string): GitContext {
  const own = Object.entries(env).filter(([name]) => !name.startsWith("GIT_CONFIG_"));
  return {
    cwd,
    env: {
      ...Object.fromEntries(own),
      GIT_CONFIG_GLOBAL: emptyFile(),
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_ATTR_NOSYSTEM: "1",
    },
    signal,
    settings: [["core.attributesFile", emptyFile()], NO_FSYNC],
  };
}

/** Nothing that is written beside a repository outlives the process: it need not reach the disk. */
export const NO_FSYNC: Setting = ["core.fsync", "none"];

/** The variables by which git finds its objects. */
export function storeVariables({ objects, alternates }: ObjectStore): Readonly<Record<string, string>> {
  return {
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates.map(quotePath).join(pathListSeparator()),
  };
}

/** The variable by which git finds its index. */
export function indexVariables(index: string | undefined): Readonly<Record<string, string>> {
  return index === undefined ? {} : { GIT_INDEX_FILE: index };
}

/** Writes a path as git reads it in lists of object folders, where a line feed or a colon would end it. */
export function quotePath(path: string): string {
  const escaped = path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `"${escaped}"`;
}
