import { canonicalText, isReproError, ReproError } from "@repro/core";

import type { RunErrorCode } from "../error.ts";
import { currentProcess, isAlive, machineFileSystem, path } from "../host.ts";
import type { RunCommand } from "./file.ts";
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
}

/**
 * Announces a run to others in the same work tree, and refuses to share the tree with one where their results could not
 * be told apart: when either takes whatever is written for its own.
 *
 * @throws ReproError `RUN_TREE_SHARED`.
 */
export function announce(draft: RecordDraft, collects: RunCommand["collects"], pid: number): void {
  draft.write(ANNOUNCEMENT, new TextEncoder().encode(canonicalText({ collects, pid })));
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
    return announced !== undefined && isAlive(announced.pid) ? [announced] : [];
  });
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
 * Lists the files that recent runs have produced in the work tree, or that runs which are going on have named as theirs:
 * untracked, they are results and not uncommitted code.
 *
 * @returns Paths relative to the work tree's root.
 * @public
 */
export function listProducts(options: Omit<ReadRunOptions, "fs"> = {}): readonly string[] {
  const home = path.join(findRoot(options.cwd ?? currentProcess().cwd), RUNS_FOLDER);
  const finished = listRuns(options)
    .slice(-RECENT_RUNS)
    .flatMap((id) => productsOfRun(id, options));
  const going = readDrafts(home).flatMap(({ collects }) => productsOf(collects, []));
  return [...new Set([...finished, ...going])];
}

function productsOfRun(id: string, options: ReadRunOptions): readonly string[] {
  try {
    const { command, outputs } = readRun(id, options).file.record;
    return productsOf(
      command.collects,
      outputs.map(({ name }) => name),
    );
  } catch (error) {
    if (isReproError(error)) return []; // a changed or newer record vouches for nothing, and blocks no new run
    throw error;
  }
}

/** Paths that a way of collecting makes into results; what was found to be `written` is named by its path. */
function productsOf(collects: RunCommand["collects"], written: readonly string[]): readonly string[] {
  if (collects === "nothing") return [];
  return collects === "written" ? written : Object.values(collects);
}
