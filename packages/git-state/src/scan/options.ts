import type { BytePath, FileReader, FolderEntry } from "../files.ts";
import type { IndexFile } from "../repository/index-file.ts";
import type { FileTime, StatRules } from "./stat-match.ts";
import type { ModeRules } from "./worktree-mode.ts";

/** What of a repository's configuration decides whether a file counts as changed. */
export interface ScanConfig extends StatRules, ModeRules {
  /** `core.ignoreCase`: whether names in other letters are the same file. */
  readonly ignoreCase: boolean;
}

/** Ignore rules as they apply to the entries of one folder. */
export interface IgnoreRules {
  /** Tells whether an entry of this folder is ignored; whether git tracks it does not count here. */
  isIgnored(entry: FolderEntry): boolean;
  /** Gives the rules of a folder in this one, from the contents of the `.gitignore` that is in it. */
  enter(name: BytePath, gitignore: Uint8Array | null): IgnoreRules;
}

/** What a work tree is compared with, and how it is read. */
export interface ScanOptions {
  readonly files: FileReader;
  /** Absolute path of the work tree, without a slash at the end. */
  readonly root: BytePath;
  readonly index: IndexFile;
  /** When the index was written; a file as young as that is hashed. */
  readonly indexTime: FileTime;
  readonly config: ScanConfig;
  /** Rules for what the root holds, those of its own `.gitignore` among them. */
  readonly ignore: IgnoreRules;
  /** Tells whether an untracked path from the root is a product. */
  readonly isProduct: (path: BytePath) => boolean;
  /** Tells whether a folder that holds a `.git` is a repository of its own. */
  readonly isRepository: (path: BytePath) => boolean;
  /** Reads a blob: a `.gitignore` that is tracked, and not in the work tree because it is sparse. */
  readonly readBlob: (id: string) => Promise<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}
