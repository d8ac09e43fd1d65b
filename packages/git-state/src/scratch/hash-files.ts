import { bytesOfPath, hostFiles, pathOfBytes, pathOfText } from "../files.ts";
import { git } from "../git/command.ts";
import { addPointers, filterFiles } from "../lfs/lfs.ts";
import { joinNul } from "../git/nul-list.ts";
import type { Repository } from "../git/repository.ts";
import type { StatusEntry } from "../git/status.ts";
import { settled } from "../git/settle.ts";
import type { GitApproximation } from "../state/state.ts";
import type { Placed } from "../tree/touched.ts";
import type { TreeEntry } from "../tree/tree.ts";
import { readIndex } from "./index-entries.ts";
import { copyObjects } from "./objects.ts";
import type { Scratch } from "./scratch.ts";
import { NO_FSYNC, indexVariables, storeVariables } from "./scratch.ts";

/** What is hashed. */
export interface HashInput {
  readonly repository: Repository;
  readonly scratch: Scratch;
  /** Paths that may differ from the commit: files and links, no repositories. */
  readonly entries: readonly StatusEntry[];
  /** Files of attributes, as the repository's index has them: heeded where they are not on disk. */
  readonly attributes: readonly TreeEntry[];
  /** Whether the contents of changed files are kept in the scratch repository, for a patch. */
  readonly keepContents: boolean;
}

/** What lies at the paths. */
export interface HashedFiles {
  /** Mode and id that git gives each; `null` where nothing is. Paths are from the root of the repository. */
  readonly placed: ReadonlyMap<string, Placed | null>;
  /** Absolute path of an index file that holds them, and nothing else but files of attributes. */
  readonly index: string;
  /** Files that git would have changed by a filter, and that were hashed as they lie on disk. */
  readonly approximations: readonly GitApproximation[];
}

/**
 * Hashes files as `git add` does.
 *
 * Git does the hashing, because only it knows what line endings, filters and file modes make of a file; but it does so
 * with an index and an object folder of ours.
 */
export async function hashFiles(input: HashInput): Promise<HashedFiles> {
  const { scratch, repository, entries } = input;
  const index = scratch.newPath("worktree-index");
  const toHash = entries.filter(({ hash }) => hash);
  const attributes = absentAttributes(input);
  // Where git must decide on line endings or an executable bit, it asks what the index holds at the path.
  const known = [...entries.flatMap(({ path, index }) => (index === null ? [] : [{ path, index }])), ...attributes];
  const [before] = await settled([
    copyObjects(scratch, [...idsOf(toHash), ...attributes.map(({ index: { id } }) => id)]),
    scratch.git(["update-index", "-z", "--index-info"], {
      store: scratch.readable,
      index,
      stdin: joinNul(known.map(({ path, index: { mode, id } }) => [`${mode} ${id}\t`, path])),
    }),
  ]);
  const { cleaned, approximations } = await filterFiles(repository, toHash, index);
  await addPointers(scratch, cleaned, index);
  const pointers = new Set(cleaned.map(({ entry }) => entry));
  const rest = toHash.filter((entry) => !pointers.has(entry));
  await addFiles(input, { files: rest, index, known: before.objects });
  const found = new Map((await readIndex(scratch, index)).map(({ path, mode, id }) => [path, { mode, id }]));
  const placed = entries.map(({ path }) => [pathOfBytes(path), found.get(pathOfBytes(path)) ?? null] as const);
  return { placed: new Map(placed), index, approximations };
}

function idsOf(files: readonly StatusEntry[]): readonly string[] {
  return files.flatMap(({ index }) => (index === null || index.mode === GITLINK ? [] : [index.id]));
}

/** Mode of a commit of another repository. */
const GITLINK = "160000";

/** A sparse checkout leaves files of attributes out, too. */
function absentAttributes({ repository, entries, attributes }: HashInput): readonly Known[] {
  const told = new Set(entries.map(({ path }) => pathOfBytes(path)));
  const root = pathOfText(repository.root);
  return attributes
    .filter(({ path }) => !told.has(path) && hostFiles.stat(`${root}/${path}`) === null)
    .map(({ path, mode, id }) => ({ path: bytesOfPath(path), index: { mode: mode.toString(8), id } }));
}

interface Known {
  readonly path: Uint8Array;
  readonly index: NonNullable<StatusEntry["index"]>;
}

interface ToAdd {
  readonly files: readonly StatusEntry[];
  /** Absolute path of the index file. */
  readonly index: string;
  /** Absolute path of a folder with the contents that it holds before. */
  readonly known: string;
}

async function addFiles(
  { repository, scratch, keepContents }: HashInput,
  { files, index, known }: ToAdd,
): Promise<void> {
  if (files.length === 0) return;
  // The user's objects are out of reach: where git finds one that it is about to write, it sets that file's time.
  const store = { objects: scratch.readable.objects, alternates: [known] };
  const contents = keepContents ? [] : ["--info-only"];
  const context = { ...repository.context, settings: [...repository.context.settings, NO_FSYNC] };
  await git(context, ["update-index", "-z", "--add", "--remove", "--replace", ...contents, "--stdin"], {
    stdin: joinNul(files.map(({ path }) => [path])),
    variables: { ...indexVariables(index), ...storeVariables(store) },
  });
}
