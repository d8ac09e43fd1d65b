import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { hostFiles, pathOfBytes, pathOfText, textOfPath } from "../files.ts";
import { hashFile } from "../host.ts";
import type { GitChange, GitLfsFile, GitState } from "../state/state.ts";
import { git } from "./command.ts";
import { remotesOf } from "./config.ts";
import { itemText, splitNul } from "./nul-list.ts";
import type { Repository } from "./repository.ts";
import { objectsFolder } from "./repository.ts";

/** Where git-lfs keeps the contents of files: `lfs.storage`, or a folder beside the objects. */
async function lfsStore(repository: Repository): Promise<BytePath> {
  const common = (await objectsFolder(repository)).slice(0, -"/objects".length);
  const setting = repository.config.findLast(({ name }) => name === "lfs.storage")?.value ?? "lfs";
  return pathOfText(/^(?:\/|[A-Za-z]:)/.test(setting) ? setting : `${common}/${setting}`);
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
 * @throws ReproError `GIT_LFS_MISSING`; `data: { paths }`.
 */
export async function requireKept(
  repository: Repository,
  lfs: readonly GitLfsFile[],
  changes: readonly GitChange[],
): Promise<void> {
  const changed = new Set(changes.map(({ path }) => path));
  const files = lfs.filter(({ path, checkedOut }) => checkedOut === "contents" && changed.has(path));
  if (files.length === 0) return;
  const store = await lfsStore(repository);
  const paths = files.filter((file) => !isThere(objectOf(store, file), file)).map(({ path }) => path);
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
  readonly state: GitState;
  readonly source: Repository;
  /** A work tree of the state's files with pointers where contents were; its git is run in `context`. */
  readonly target: Pick<Repository, "root" | "context">;
}

/**
 * Puts contents where a checkout has left pointers: from what the source's git-lfs keeps, or from its work tree.
 *
 * Everything copied has given the recorded digest.
 *
 * @throws ReproError `GIT_LFS_MISSING`; `data: { paths }`. Some files have then been replaced.
 */
export async function restoreLfsContents({ state, source, target }: LfsRestore): Promise<void> {
  const files = state.lfs.filter(({ checkedOut }) => checkedOut === "contents");
  if (files.length === 0) return;
  const store = await lfsStore(source);
  const tracked = splitNul(await git(target.context, ["ls-files", "-z"]));
  const places = new Map(tracked.map((path) => [itemText(path), pathOfBytes(path)]));
  const missing: string[] = [];
  const plans = files.map((file) => {
    const path = places.get(file.path);
    const all = path === undefined ? [] : [objectOf(store, file), `${pathOfText(source.root)}/${path}`];
    const from = all.filter((one) => isThere(one, file));
    if (from.length === 0) missing.push(file.path);
    return { file, from, to: `${pathOfText(target.root)}/${path ?? ""}` };
  });
  if (missing.length > 0) throw contentsMissing(source, state, missing);
  for (const { file, from, to } of plans) {
    if (!(await copyFirst(from, to, file, source.context.signal))) missing.push(file.path);
  }
  if (missing.length > 0) throw contentsMissing(source, state, missing);
}

async function copyFirst(
  from: readonly BytePath[],
  to: BytePath,
  { digest }: GitLfsFile,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const path of from) {
    try {
      const { sha256 } = await hashFile(path, { to, signal });
      if (`sha256:${sha256}` === digest) return true;
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

function contentsMissing({ root, config }: Repository, { commit }: GitState, paths: readonly string[]): Error {
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
