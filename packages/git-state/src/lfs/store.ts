import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { hostFiles, pathOfBytes, pathOfText, textOfPath } from "../files.ts";
import { hashFile } from "../host.ts";
import type { GitChange, GitLfsFile, GitState } from "../state/state.ts";
import { git } from "../git/command.ts";
import { remotesOf } from "../git/config.ts";
import { itemText, joinNul, splitNul } from "../git/nul-list.ts";
import type { Repository } from "../git/repository.ts";

/** Where git-lfs keeps the contents of files: `lfs.storage`, or a folder beside the objects. */
function lfsStore({ commonDir, config }: Pick<Repository, "commonDir" | "config">): BytePath {
  const setting = config.findLast(({ name }) => name === "lfs.storage")?.value ?? "lfs";
  return pathOfText(/^(?:\/|[A-Za-z]:)/.test(setting) ? setting : `${commonDir}/${setting}`);
}

function objectOf(store: BytePath, { digest }: GitLfsFile): BytePath {
  const oid = digest.slice("sha256:".length);
  return `${store}/objects/${oid.slice(0, 2)}/${oid.slice(2, 4)}/${oid}`;
}

function isThere(path: BytePath, { sizeBytes }: GitLfsFile): boolean {
  const stat = hostFiles.stat(path);
  return stat?.kind === "file" && stat.sizeBytes === sizeBytes;
}

/**
 * Refuses a patch that would hold only the pointer to contents which nobody keeps.
 *
 * @param repositories - The work tree's, and those of its submodules.
 * @throws ReproError `GIT_LFS_MISSING`; `data: { paths }`.
 */
export function requireKept(
  repositories: readonly Pick<Repository, "commonDir" | "config">[],
  lfs: readonly GitLfsFile[],
  changes: readonly GitChange[],
): void {
  const changed = new Set(changes.map(({ path }) => path));
  const files = lfs.filter(({ path, checkedOut }) => checkedOut === "contents" && changed.has(path));
  if (files.length === 0) return;
  const stores = repositories.map(lfsStore);
  const paths = files
    .filter((file) => !stores.some((store) => isThere(objectOf(store, file), file)))
    .map(({ path }) => path);
  if (paths.length === 0) return;
  throw gitError(
    `captureGitPatch: a patch holds only the pointers of files under git-lfs, and git-lfs does not have the contents of ${paths.length} of them, "${paths[0] ?? ""}" first`,
    { code: "GIT_LFS_MISSING", remedy: `git add -- ${paths.map(quoted).join(" ")}`, data: { paths } },
  );
}

function quoted(path: string): string {
  return /^[\w./:@%+,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Where contents are to be brought back. */
export interface LfsRestore {
  /** Its files under git-lfs, and the commit that remedies name. */
  readonly state: Pick<GitState, "commit" | "lfs">;
  readonly source: Repository;
  /** A work tree of the state's files with pointers where contents were; its git is run in `context`. */
  readonly target: Pick<Repository, "root" | "context">;
}

/**
 * Puts contents where a checkout has left pointers: from what the source's git-lfs keeps, or from its work tree.
 *
 * Everything copied has given the recorded digest.
 *
 * @throws ReproError `GIT_LFS_MISSING`; `data: { paths }`; and `GIT_UNREADABLE`. Some files have then been replaced.
 */
export async function restoreLfsContents({ state, source, target }: LfsRestore): Promise<void> {
  const files = state.lfs.filter(({ checkedOut }) => checkedOut === "contents");
  if (files.length === 0) return;
  const plans = planCopies(files, lfsStore(source), source, await indexed(target));
  const lost = plans.filter(({ from }) => from.length === 0); // before the first of many gigabytes is copied
  if (lost.length > 0) throw contentsMissing(source, state, lost);
  const failed: CopyPlan[] = [];
  for (const plan of plans) {
    const to = `${pathOfText(target.root)}/${plan.path}`;
    if (!(await copyFirst(plan, to, source.context.signal))) failed.push(plan);
  }
  if (failed.length > 0) throw contentsMissing(source, state, failed);
  // Entries without stat data: git asks git-lfs about such files, where it would take any other size for a change.
  const stdin = joinNul(plans.map(({ entry }) => [entry]));
  await git(target.context, ["update-index", "-z", "--index-info"], { stdin });
}

interface CopyPlan {
  readonly file: GitLfsFile;
  readonly path: BytePath;
  /** As `git ls-files --stage` writes it, and `git update-index --index-info` reads it. */
  readonly entry: Uint8Array;
  /** Files as long as the contents, best first. */
  readonly from: readonly BytePath[];
}

function planCopies(
  files: readonly GitLfsFile[],
  store: BytePath,
  { root }: Repository,
  index: ReadonlyMap<string, Uint8Array>,
): readonly CopyPlan[] {
  return files.flatMap((file) => {
    const entry = index.get(file.path);
    if (entry === undefined) return []; // no file of the recorded tree
    const path = pathOfBytes(entry.subarray(entry.indexOf(0x09) + 1));
    const from = [objectOf(store, file), `${pathOfText(root)}/${path}`].filter((one) => isThere(one, file));
    return [{ file, path, entry, from }];
  });
}

/** The files of an index by their path's text. */
async function indexed({ context }: Pick<Repository, "context">): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = splitNul(await git(context, ["ls-files", "--stage", "-z"]));
  return new Map(
    entries.flatMap((entry) => {
      const line = itemText(entry);
      return line.startsWith("100") ? [[line.slice(line.indexOf("\t") + 1), entry] as const] : [];
    }),
  );
}

async function copyFirst({ from, file }: CopyPlan, to: BytePath, signal: AbortSignal | undefined): Promise<boolean> {
  for (const path of from) {
    try {
      const { sha256 } = await hashFile(path, { to, signal });
      if (`sha256:${sha256}` === file.digest) return true;
    } catch (cause) {
      signal?.throwIfAborted();
      throw gitError(`restoreGitState: "${textOfPath(path)}" cannot be copied to "${textOfPath(to)}"`, {
        code: "GIT_UNREADABLE",
        remedy: "make both files accessible, and the disk large enough",
        data: { from: textOfPath(path), to: textOfPath(to) },
        cause,
      });
    }
  }
  return false;
}

function contentsMissing(
  { root, config }: Repository,
  { commit }: Pick<GitState, "commit">,
  plans: readonly CopyPlan[],
): Error {
  const paths = plans.map(({ file }) => file.path);
  const remote = remotesOf(config)[0]?.name ?? "origin";
  return gitError(
    `restoreGitState: the repository at "${root}" does not have the contents of ${paths.length} file(s) under git-lfs, "${paths[0] ?? ""}" first`,
    {
      code: "GIT_LFS_MISSING",
      remedy: `git -C ${quoted(root)} lfs fetch ${quoted(remote)} ${commit}`,
      data: { paths },
    },
  );
}
