import type { FileStat } from "../files.ts";
import { MODE } from "../repository/index-entries.ts";

/** What a file system is trusted with. */
export interface ModeRules {
  /** `core.fileMode`: whether the file system keeps the executable bit. */
  readonly fileMode: boolean;
  /** `core.symlinks`: whether it keeps symbolic links; where not, a plain file that holds the target stands for one. */
  readonly symlinks: boolean;
}

/**
 * The mode that git gives a file or link of the work tree: what the file system cannot tell is taken from the index.
 *
 * @param indexMode - Mode of the entry at its path; `null` when there is none.
 * @remarks git-config(1), `core.fileMode` and `core.symlinks`.
 */
export function modeOf(stat: FileStat, indexMode: number | null, { fileMode, symlinks }: ModeRules): number {
  if (stat.kind === "link") return MODE.link;
  if (!symlinks && indexMode === MODE.link) return MODE.link;
  if (!fileMode) return indexMode === MODE.executable ? MODE.executable : MODE.file;
  return (stat.permissions & 0o100) === 0 ? MODE.file : MODE.executable;
}
