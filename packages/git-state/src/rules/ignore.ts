import type { BytePath, FolderEntry } from "../files.ts";
import type { CaseRule } from "./byte-set.ts";
import { linesOf } from "./lines.ts";
import type { PathPattern } from "./path-pattern.ts";
import { parsePathPattern } from "./path-pattern.ts";

/** Ignore rules as they apply to the entries of one folder. */
export interface IgnoreRules {
  /**
   * Tells whether an entry of this folder is ignored.
   *
   * A link is no directory, wherever it leads. Whether git tracks the entry does not count here.
   */
  isIgnored(entry: FolderEntry): boolean;
  /**
   * Gives the rules of a folder in this folder.
   *
   * Not meant for a folder that is ignored: everything in it is, whatever its own rules say.
   *
   * @param gitignore - Contents of the `.gitignore` in that folder; `null` when there is none, or it is a link, which
   *   git does not follow.
   */
  enter(name: BytePath, gitignore: Uint8Array | null): IgnoreRules;
}

/** Files with ignore rules that count from the root of the work tree; `null` when there is none. */
export interface IgnoreSources extends CaseRule {
  /** The file that `core.excludesFile` names. */
  readonly global: Uint8Array | null;
  /** `info/exclude` of the repository. */
  readonly exclude: Uint8Array | null;
  /** `.gitignore` at the root. */
  readonly root: Uint8Array | null;
}

/**
 * Makes the ignore rules of a work tree's root.
 *
 * The nearest file that has a matching pattern decides, and in it the last one.
 *
 * @remarks gitignore(5), "DESCRIPTION". Nothing that a file holds is an error.
 */
export function createIgnoreRules(sources: IgnoreSources): IgnoreRules {
  const files = [sources.root, sources.exclude, sources.global];
  const groups = files.flatMap((bytes) => groupOf(bytes, { start: 0, ignoreCase: sources.ignoreCase }));
  return rulesIn({ folder: "", groups, ignoreCase: sources.ignoreCase });
}

/** The patterns of one file. */
interface Group {
  /** Where the path from the file's folder starts in the path from the root. */
  readonly start: number;
  /** The last line first. */
  readonly patterns: readonly PathPattern[];
}

interface Place extends CaseRule {
  /** Path from the root, with a slash at its end; empty at the root. */
  readonly folder: BytePath;
  /** The one that decides first is first. */
  readonly groups: readonly Group[];
}

function rulesIn({ folder, groups, ignoreCase }: Place): IgnoreRules {
  return {
    isIgnored: (entry) => decide(groups, folder, entry),
    enter: (name, gitignore) => {
      const inside = `${folder}${name}/`;
      const own = groupOf(gitignore, { start: inside.length, ignoreCase });
      return rulesIn({ folder: inside, groups: own.length === 0 ? groups : [...own, ...groups], ignoreCase });
    },
  };
}

function decide(groups: readonly Group[], folder: BytePath, { name, kind }: FolderEntry): boolean {
  for (const { start, patterns } of groups) {
    const path = folder.slice(start) + name;
    for (const pattern of patterns) {
      if (pattern.foldersOnly && kind !== "directory") continue;
      if (pattern.matches(pattern.nameOnly ? name : path)) return !pattern.negative;
    }
  }
  return false;
}

function groupOf(bytes: Uint8Array | null, { start, ignoreCase }: CaseRule & Pick<Group, "start">): readonly Group[] {
  if (bytes === null) return [];
  const patterns = patternLines(bytes).map((line) => parsePathPattern(line, { ignoreCase }));
  return patterns.length === 0 ? [] : [{ start, patterns: patterns.toReversed() }];
}

/** Lines with a pattern. */
function patternLines(bytes: Uint8Array): readonly BytePath[] {
  return linesOf(bytes)
    .filter((line) => !line.startsWith("#"))
    .map(trimmed)
    .filter((line) => line !== "");
}

/** Takes blanks from the end, up to one after a backslash. */
function trimmed(line: BytePath): BytePath {
  let end = line.length;
  while (line[end - 1] === " ") end -= 1;
  let backslashes = end;
  while (line[backslashes - 1] === "\\") backslashes -= 1;
  const escapes = (end - backslashes) % 2 === 1;
  return line.slice(0, escapes ? end + 1 : end);
}
