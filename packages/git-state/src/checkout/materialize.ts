import { hostFiles, pathOfText } from "../files.ts";
import type { Setting } from "../git/command.ts";
import { git } from "../git/command.ts";
import { isFromRepository, untrustedFilters } from "../git/config.ts";
import { restoreLfsContents } from "../lfs/store.ts";
import { objectsFolder } from "../git/repository.ts";
import { appendText, copyFileIfPresent, copyFolder, makeFolder, writeText } from "../host.ts";
import { isLfsFilter } from "../rules/lfs.ts";
import { quotePath } from "../scratch/scratch.ts";
import type { GitState } from "../state/state.ts";
import type { Level } from "./level.ts";
import { mismatch } from "./mismatch.ts";

/** What is put where. */
export interface Materialization {
  readonly level: Level;
  readonly state: GitState;
  /** Absolute path of the top work tree. */
  readonly top: string;
  /** Absolute path of the index file. */
  readonly index: string;
  /** Absolute path of a folder with objects that are in no repository of the user's. */
  readonly objects: string;
}

/** Makes one repository with its work tree; those in it are made after it. */
export async function materialize({ level, state, top, index, objects: made }: Materialization): Promise<void> {
  const { source, path, commit } = level;
  const root = path === "" ? top : `${top}/${path}`;
  requireNoLink(top, path);
  await makeFolder(root);
  // The new repository defines no filters; of the user's own, git-lfs does not run either.
  const trusted = source.config.filter((entry) => !isFromRepository(entry));
  const context = { ...source.context, cwd: root, settings: untrustedFilters(trusted).settings };
  await git(context, ["init", "--quiet", "--template=", `--object-format=${state.objectFormat}`]);
  const common = source.commonDir;
  if (path === "") await copyFolder(made, `${root}/.git/objects`);
  await makeFolder(`${root}/.git/objects/info`);
  // As `git clone --shared` writes it: quotes, which git would take too, are beyond git-lfs.
  const alternates = [objectsFolder(source), ...(path === "" ? [] : [`${top}/.git/objects`])];
  const lines = alternates.map((folder) => `${folder.includes("\n") ? quotePath(folder) : folder}\n`);
  await writeText(`${root}/.git/objects/info/alternates`, lines.join(""));
  await copyFileIfPresent(`${common}/shallow`, `${root}/.git/shallow`);
  await makeFolder(`${root}/.git/info`);
  await copyFileIfPresent(`${common}/info/attributes`, `${root}/.git/info/attributes`);
  await copyFileIfPresent(`${common}/info/exclude`, `${root}/.git/info/exclude`);
  await appendText(`${root}/.git/info/exclude`, LINKED_PACKAGES);
  for (const { name, value } of source.config.filter(isFromRepository)) {
    if (LINE_ENDINGS.has(name)) await git(context, ["config", name, value]);
  }
  await copyFileIfPresent(index, `${root}/.git/index`);
  if (commit !== null) await git(context, ["update-ref", "--no-deref", "HEAD", commit]);
  await git(context, ["checkout-index", "--all", "--index", "--quiet"]);
  const lfs = { commit: commit ?? state.commit, lfs: level.lfs };
  await restoreLfsContents({ state: lfs, source, target: { root, context } });
  if (!isLfsFilter(trusted) && isLfsFilter(source.config)) {
    for (const [name, value] of LFS_SETUP) await git(context, ["config", name, value]);
  }
}

/** What `git lfs install --local` writes. */
const LFS_SETUP: readonly Setting[] = [
  ["filter.lfs.clean", "git-lfs clean -- %f"],
  ["filter.lfs.smudge", "git-lfs smudge -- %f"],
  ["filter.lfs.process", "git-lfs filter-process"],
  ["filter.lfs.required", "true"],
];

/** Installed packages may come back as a link, which the usual pattern `node_modules/` does not match. */
const LINKED_PACKAGES = "\nnode_modules\n";

/** What decides, beside attributes, which bytes a file has on disk. */
const LINE_ENDINGS: ReadonlySet<string> = /* @__PURE__ */ new Set(["core.autocrlf", "core.eol"]);

/** A record may name any path: it must not lead out of the work tree, not by what was checked out there either. */
function requireNoLink(top: string, path: string): void {
  let folder = pathOfText(top);
  for (const part of path === "" ? [] : path.split("/")) {
    folder = `${folder}/${pathOfText(part)}`;
    const kind = hostFiles.stat(folder)?.kind ?? "directory";
    if (kind === "directory" && part !== "" && part !== ".." && part !== "." && part.toLowerCase() !== ".git") continue;
    throw mismatch(`"${path}" cannot be a folder of the work tree`, { path });
  }
}
