import { compareCodePoints } from "@repro/core";

import type { EnvHost } from "../host.ts";
import { joinPath, sha256 } from "../host.ts";
import type { LockfileKind, LockfileState } from "../state.ts";

/** Lockfiles by name. Where a folder has two of one kind, the earlier one is what the program reads. */
const LOCKFILE_NAMES: readonly (readonly [string, LockfileKind])[] = [
  ["npm-shrinkwrap.json", "npm"],
  ["package-lock.json", "npm"],
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["deno.lock", "deno"],
  ["uv.lock", "uv"],
  ["poetry.lock", "poetry"],
  ["pdm.lock", "pdm"],
  ["Pipfile.lock", "pipenv"],
  ["pylock.toml", "pylock"],
  ["conda-lock.yml", "conda-lock"],
  ["pixi.lock", "pixi"],
];

/** A lockfile and its bytes. */
export interface FoundLockfile {
  /** What is recorded of it. */
  readonly state: LockfileState;
  /** Folder it is in, relative to the root; `"."` is the root. */
  readonly folder: string;
  /** Its bytes. */
  readonly bytes: Uint8Array;
}

/** Finds the lockfiles of some folders, by path. */
export async function findLockfiles(
  host: EnvHost,
  root: string,
  folders: readonly string[],
): Promise<readonly FoundLockfile[]> {
  const found: FoundLockfile[] = [];
  for (const folder of folders) {
    for (const [name, kind] of LOCKFILE_NAMES) {
      const bytes = await host.readFile(joinPath(root, folder, name));
      if (bytes === undefined) continue;
      const path = folder === "." ? name : `${folder}/${name}`;
      found.push({ state: { path, kind, digest: sha256(bytes) }, folder, bytes });
    }
  }
  return found.toSorted((a, b) => compareCodePoints(a.state.path, b.state.path));
}

/** The lockfile of a folder that its package manager reads. */
export function lockfileOf(
  lockfiles: readonly FoundLockfile[],
  folder: string,
  kind: LockfileKind,
): FoundLockfile | undefined {
  const [first] = LOCKFILE_NAMES.flatMap(([name]) =>
    lockfiles.filter(
      (found) => found.folder === folder && found.state.kind === kind && found.state.path.endsWith(name),
    ),
  );
  return first;
}
