import { canonicalText, isReproError, ReproError } from "@repro/core";

import type { RunErrorCode } from "../error.ts";
import type { RunProcess } from "../host.ts";
import { currentProcess, hashFile, isAlive, machineFileSystem, path } from "../host.ts";
import type { RunCommand, RunRecord } from "./file.ts";
import { PARTIAL, PARTS_FOLDER, readPart, RUNS_FOLDER } from "./store.ts";
import type { RecordDraft } from "./store.ts";
import { listRuns, readRun } from "./stored.ts";
import type { ReadRunOptions } from "./stored.ts";
import { findRoot } from "./tree.ts";

/** File in a draft's parts that says what is being recorded, for other runs in the same work tree. */
const ANNOUNCEMENT = `${PARTS_FOLDER}/command.json`;

/** Records that are asked which files they produced. */
const RECENT_RUNS = 50;

/** What a run that is going on has announced. */
interface Announcement {
  readonly collects: RunCommand["collects"];
  readonly pid: number;
  readonly hostname: string;
}

/**
 * Announces a run to others in the same work tree, and refuses to share the tree with one where their results could not
 * be told apart: when either takes whatever is written for its own.
 *
 * @throws ReproError `RUN_TREE_SHARED`.
 */
export function announce(draft: RecordDraft, collects: RunCommand["collects"], process: RunProcess): void {
  draft.write(
    ANNOUNCEMENT,
    new TextEncoder().encode(canonicalText({ collects, pid: process.pid, hostname: process.hostname })),
  );
  const others = readDrafts(path.dirname(draft.folder), draft.folder);
  const other = others.find((one) => collects === "written" || one.collects === "written");
  if (other === undefined) return;
  throw new ReproError<RunErrorCode>(`recordCommand: process ${other.pid} is recording a run in this work tree`, {
    code: "RUN_TREE_SHARED",
    remedy: "name the outputs of both runs with --output NAME=PATH, or wait for the other one",
    data: { pid: other.pid, folder: path.dirname(draft.folder) },
  });
}

/** Runs that are going on. A draft whose process is gone was given up. */
function readDrafts(home: string, except?: string): readonly Announcement[] {
  if (!machineFileSystem.existsSync(home)) return [];
  const folders = machineFileSystem.readdirSync(home).filter((name) => name.endsWith(PARTIAL));
  return folders.flatMap((name) => {
    const folder = path.join(home, name);
    const announced = folder === except ? undefined : readAnnouncement(path.join(folder, ANNOUNCEMENT));
    return announced !== undefined && isGoing(announced) ? [announced] : [];
  });
}

/** A process of another machine, on a disk that both share, cannot be asked. */
function isGoing({ pid, hostname }: Announcement): boolean {
  return hostname !== currentProcess().hostname || isAlive(pid);
}

function readAnnouncement(file: string): Announcement | undefined {
  try {
    return readPart(machineFileSystem, file) as Announcement | undefined; // written by this package, whole or not at all
  } catch (error) {
    if (isReproError(error)) return undefined; // it is being written at this moment: that run will see ours
    throw error;
  }
}

/**
 * Lists the files of the work tree that are results and not uncommitted code, although git does not track them: those
 * that hold what a recent run recorded as its output, and those that a run which is going on has named as its own.
 *
 * @returns Paths relative to the work tree's root.
 * @public
 */
export function listProducts(options: Omit<ReadRunOptions, "fs"> = {}): readonly string[] {
  const root = findRoot(options.cwd ?? currentProcess().cwd);
  const recorded = new Map<string, Set<string>>();
  for (const id of listRuns(options).slice(-RECENT_RUNS)) {
    for (const { file, digest } of outputFiles(id, options)) {
      recorded.set(file, (recorded.get(file) ?? new Set()).add(digest));
    }
  }
  const unchanged = [...recorded].filter(([file, digests]) => {
    const where = path.join(root, file);
    return machineFileSystem.existsSync(where) && digests.has(hashFile(where).digest);
  });
  const going = readDrafts(path.join(root, RUNS_FOLDER)).flatMap(({ collects }) =>
    typeof collects === "string" ? [] : Object.values(collects),
  );
  return [...new Set([...unchanged.map(([file]) => file), ...going])];
}

/** Where the outputs of a run were in the work tree; those that the program handed over itself were nowhere. */
function outputFiles(
  id: string,
  options: ReadRunOptions,
): readonly { readonly file: string; readonly digest: string }[] {
  const record = readRecord(id, options);
  if (record === undefined || record.command.collects === "nothing") return [];
  const { collects } = record.command;
  return record.outputs.flatMap(({ name, digest }) => {
    if (collects === "written") return [{ file: name, digest }];
    const named = Object.keys(collects).find((key) => name === key || name.startsWith(`${key}/`));
    return named === undefined ? [] : [{ file: (collects[named] ?? "") + name.slice(named.length), digest }];
  });
}

function readRecord(id: string, options: ReadRunOptions): RunRecord | undefined {
  try {
    return readRun(id, options).file.record;
  } catch (error) {
    if (isReproError(error)) return undefined; // a changed or newer record vouches for nothing, and blocks no new run
    throw error;
  }
}
