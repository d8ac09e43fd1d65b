import { cpSync } from "node:fs";
import { join } from "node:path";

import { bytesOfPath, hashHex, hostFiles, pathOfText } from "../../src/files.ts";
import type { BytePath, FileReader } from "../../src/files.ts";
import type { IndexFile } from "../../src/repository/index-file.ts";
import { openIndex } from "../../src/repository/index-file.ts";
import { unchangedEntries } from "../../src/scan/entries.ts";
import type { IgnoreRules, ScanConfig, ScanOptions } from "../../src/scan/options.ts";
import type { HashCandidate, WorktreeScan } from "../../src/scan/result.ts";
import { scanWorktree } from "../../src/scan/scan.ts";
import type { TreeEntry } from "../../src/tree/tree.ts";
import { treeIdOf } from "../../src/tree/tree.ts";
import type { Fixture } from "../fixture.ts";
import { fixtureAt, peerTree, tempFolder } from "../fixture.ts";

/** What git assumes on this machine, where nothing is configured. */
export const USUAL: ScanConfig = {
  fileMode: true,
  symlinks: true,
  trustCtime: true,
  checkStat: "default",
  ignoreCase: false,
};

/** The rules of a `.gitignore` with the lines `*.log` and `build/`. */
const SIMPLE_RULES: IgnoreRules = {
  isIgnored: ({ name, kind }) => name.endsWith(".log") || (name === "build" && kind === "directory"),
  enter: () => SIMPLE_RULES,
};
export const SIMPLE_GITIGNORE = "*.log\nbuild/\n";

export interface Scanned {
  readonly index: IndexFile;
  readonly scan: WorktreeScan;
}

/** Scans a fixture's work tree, with the rules of {@link SIMPLE_GITIGNORE}. */
export async function scanFixture(fixture: Fixture, options: Partial<ScanOptions> = {}): Promise<Scanned> {
  const root = pathOfText(fixture.root);
  const files = options.files ?? hostFiles;
  const index = options.index ?? openIndex({ files, gitDir: `${root}/.git`, idLength: 20 });
  const scan = await scanWorktree({
    files,
    root,
    index,
    indexTime: hostFiles.stat(`${root}/.git/index`) ?? { mtimeSeconds: 0, mtimeNanoseconds: 0 },
    config: USUAL,
    ignore: SIMPLE_RULES,
    isProduct: () => false,
    isRepository: (path) => files.stat(`${root}/${path}/.git/HEAD`) !== null,
    readBlob: async () => new Uint8Array(),
    ...options,
  });
  return { index, scan };
}

/** Id of a candidate's contents as they lie there. */
function rawBlob(root: BytePath, { path, stat }: HashCandidate, files: FileReader = hostFiles): string {
  const full = `${root}/${path}`;
  const target = stat.kind === "link" ? files.readLink(full) : null;
  const content = target === null ? files.read(full) : bytesOfPath(target);
  if (content === null) throw new Error(`${path} went away`);
  return hashHex("sha1", `blob ${content.byteLength}\0`, content);
}

/** Entries of the work tree; a repository stands for the commit that `commitOf` gives. */
export function worktreeEntries(
  { root }: Fixture,
  { index, scan }: Scanned,
  commitOf: (path: BytePath) => string = () => "0".repeat(40),
): readonly TreeEntry[] {
  return [
    ...unchangedEntries(index, scan),
    ...scan.candidates.map((one) => ({ path: one.path, mode: one.mode, id: rawBlob(pathOfText(root), one) })),
    ...scan.repositories.map(({ path, entry, isRepository }) => ({
      path,
      mode: 0o160000,
      id: isRepository ? commitOf(path) : (entry?.id ?? ""),
    })),
  ];
}

/** Id of the tree that lies in a fixture's work tree. */
export async function scannedTree(fixture: Fixture, options: Partial<ScanOptions> = {}): Promise<string> {
  return treeIdOf(worktreeEntries(fixture, await scanFixture(fixture, options)), "sha1");
}

/** What git makes of a copy of the work tree: copied, no file has the stat that the index knows, and all are hashed. */
export function copiedPeerTree(fixture: Fixture, ...before: readonly (readonly string[])[]): string {
  const root = join(tempFolder(), "copy");
  cpSync(fixture.root, root, { recursive: true, verbatimSymlinks: true });
  const copy = fixtureAt(root, fixture.env);
  for (const args of before) copy.git(...args);
  return peerTree(copy);
}
