import { attempt, isSameFile, missing, openReader, readDigits, unreadable } from "../file.ts";
import type { Reader, ReaderOptions } from "../file.ts";
import { digestsOf } from "../hasher.ts";
import type { HexDigits } from "../hasher.ts";
import { join } from "../host.ts";
import type { DataFs, FileFacts } from "../host.ts";
import { encodeManifest } from "./manifest.ts";
import type { ManifestEntry } from "./manifest.ts";
import { listTree } from "./walk.ts";

/** What was read at a path: one file, or a tree of files. */
export interface Content {
  readonly kind: "file" | "tree";
  readonly sizeBytes: number;
  readonly digits: HexDigits;
  readonly stamps: readonly FileStamp[];
}

/** Which file was read, and whether its facts suffice to tell that it did not change since. */
interface FileStamp {
  /** Path in the tree; `""` is the file itself. */
  readonly relpath: string;
  readonly facts: FileFacts;
  /** False when the file was so young that a later change may bear the same time. */
  readonly isSettled: boolean;
}

/** Coarsest step of a file's time that is in use: FAT's. */
const COARSEST_TIME_NS = 2_000_000_000n;

/** Reads a file or a tree once, with every hash that is wanted. */
export async function readContent(root: string, options: ReaderOptions): Promise<Content> {
  const reader = await openReader(options);
  const { fs } = reader;
  const kind = kindOf(fs, root);
  const relpaths = kind === "file" ? [""] : listTree(fs, root);
  const entries: ManifestEntry[] = [];
  const stamps: FileStamp[] = [];
  let sizeBytes = 0;
  for (const relpath of relpaths) {
    const openedNs = fs.nowNs();
    const file = await readDigits(join(root, relpath), reader);
    sizeBytes += file.sizeBytes;
    entries.push({ relpath, digits: file.digits });
    const isSettled = openedNs - file.facts.modifiedNs > COARSEST_TIME_NS;
    stamps.push({ relpath, facts: file.facts, isSettled });
  }
  const digits = kind === "file" ? (entries[0]?.digits ?? {}) : manifestDigits(entries, reader);
  return { kind, sizeBytes, digits, stamps };
}

/** Each algorithm hashes the manifest that holds its own digits of the files. */
function manifestDigits(entries: readonly ManifestEntry[], { makers }: Reader): HexDigits {
  const digits = [...makers].map(([name, make]) => {
    return [name, digestsOf(encodeManifest(entries, name), new Map([[name, make]]))[name]] as const;
  });
  return Object.fromEntries(digits);
}

function kindOf(fs: DataFs, root: string): "file" | "tree" {
  const facts = attempt(root, () => fs.stat(root));
  if (facts === undefined) throw missing(root);
  if (facts.kind === "other") throw unreadable(root, "it is neither a regular file nor a folder");
  return facts.kind === "folder" ? "tree" : "file";
}

/** Tells, without reading a byte of it, whether a file or tree certainly is what was read before. */
export function isCertainlyUnchanged(root: string, content: Content, fs: DataFs): boolean {
  if (!content.stamps.every((stamp) => stamp.isSettled)) return false;
  const relpaths = kindOf(fs, root) === "file" ? [""] : listTree(fs, root);
  return (
    relpaths.length === content.stamps.length &&
    content.stamps.every(({ relpath, facts }, index) => {
      if (relpath !== relpaths[index]) return false;
      const path = join(root, relpath);
      const now = attempt(path, () => fs.stat(path));
      return now !== undefined && isSameFile(facts, now);
    })
  );
}
