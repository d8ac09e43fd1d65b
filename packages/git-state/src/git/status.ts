import type { Repository } from "./repository.ts";
import { git } from "./command.ts";
import type { GitUpstream } from "../state/observed.ts";
import { itemText, splitNul } from "./nul-list.ts";

/** What the index holds at a path. */
export interface IndexVersion {
  /** Octal file mode: `"100644"`. */
  readonly mode: string;
  /** Object id. */
  readonly id: string;
}

/** One path where index or work tree may differ from HEAD. */
export interface StatusEntry {
  readonly path: Uint8Array;
  /** What the index holds, unless the work tree has nothing there; `null` for nothing. */
  readonly index: IndexVersion | null;
  /** Whether the file in the work tree must be hashed: it is untracked, or may differ from the index. */
  readonly hash: boolean;
  /** Whether git has never been told of it. */
  readonly untracked: boolean;
  /** Whether a repository stands there. Its path may end in a slash. */
  readonly isRepository: boolean;
}

/** What `git status` says. */
export interface Status {
  /** Commit that HEAD names; `null` before the first commit. */
  readonly commit: string | null;
  /** `null` when HEAD is detached. */
  readonly branch: string | null;
  /** What the branch follows; `null` when it has no upstream, or one that was never fetched. */
  readonly upstream: GitUpstream | null;
  readonly entries: readonly StatusEntry[];
}

const STATUS = [
  "status",
  "--porcelain=v2",
  "--branch",
  "-z",
  "--untracked-files=all",
  "--no-renames",
  // "none" would run `git status` in each submodule, with the commands of that submodule's configuration.
  "--ignore-submodules=dirty",
];

/** Compares HEAD, index and work tree. Writes nothing, not even a refreshed index. */
export async function readStatus({ context }: Repository): Promise<Status> {
  return parseStatus(await git(context, STATUS));
}

/**
 * Reads the porcelain format, version 2, with NUL endings and without renames.
 *
 * @remarks git-status(1), "Porcelain Format Version 2".
 */
export function parseStatus(bytes: Uint8Array): Status {
  const records = splitNul(bytes);
  const headers = new Map(records.map(itemText).flatMap((line) => headerOf(line)));
  const commit = headers.get("branch.oid") ?? "(initial)";
  const branch = headers.get("branch.head") ?? "(detached)";
  return {
    commit: commit === "(initial)" ? null : commit,
    branch: branch === "(detached)" ? null : branch,
    upstream: upstreamOf(headers),
    entries: records.flatMap(entryOf),
  };
}

function upstreamOf(headers: ReadonlyMap<string, string>): GitUpstream | null {
  const name = headers.get("branch.upstream");
  const { ahead, behind } = /^\+(?<ahead>\d+) -(?<behind>\d+)$/.exec(headers.get("branch.ab") ?? "")?.groups ?? {};
  if (name === undefined || ahead === undefined) return null; // without the counts, there is no such branch (any more)
  return { name, ahead: Number(ahead), behind: Number(behind) };
}

function headerOf(line: string): [name: string, value: string][] {
  const match = /^# (?<name>\S+) (?<value>.*)$/s.exec(line)?.groups;
  return match === undefined ? [] : [[match["name"] ?? "", match["value"] ?? ""]];
}

/** Fields before the path, by the record's first character. */
const FIELDS: Readonly<Record<string, number>> = { "1": 8, u: 10, "?": 1 };

function entryOf(record: Uint8Array): StatusEntry[] {
  const kind = String.fromCharCode(record[0] ?? 0);
  const count = FIELDS[kind];
  if (count === undefined) return [];
  const { fields, path } = splitFields(record, count);
  if (kind === "?") {
    return [{ path, index: null, hash: true, untracked: true, isRepository: path.at(-1) === SLASH }];
  }
  // u XY sub m1 m2 m3 mW …: unmerged, the index has no single version
  if (kind === "u") {
    const isRepository = fields[6] === GITLINK;
    return [{ path, index: null, hash: fields[6] !== ABSENT, untracked: false, isRepository }];
  }
  // 1 XY sub mH mI mW hH hI
  const [, xy = "", , , mode = ABSENT, modeOnDisk, , id = ""] = fields;
  const deleted = xy[1] === "D";
  const index = deleted || mode === ABSENT ? null : { mode, id };
  const isRepository = !deleted && modeOnDisk === GITLINK;
  return [{ path, index, hash: !deleted && xy[1] !== ".", untracked: false, isRepository }];
}

const SLASH = 0x2f;

/** Mode of a commit of another repository. */
const GITLINK = "160000";

/** Mode of what is not there. */
const ABSENT = "000000";

function splitFields(record: Uint8Array, count: number): { fields: readonly string[]; path: Uint8Array } {
  const fields: string[] = [];
  let start = 0;
  while (fields.length < count) {
    const end = record.indexOf(0x20, start);
    fields.push(itemText(record.subarray(start, end)));
    start = end + 1;
  }
  return { fields, path: record.subarray(start) };
}
