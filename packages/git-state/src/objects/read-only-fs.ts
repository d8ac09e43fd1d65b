import type { PromiseFsClient } from "isomorphic-git";

import type { BytePath, FileReader, FileStat } from "../files.ts";
import { bufferOf, hashHex, hexOfBytes } from "../files.ts";

/**
 * Makes the file system that isomorphic-git is given: it can read below some folders, and every other call fails.
 *
 * An index of a pack is handed out only when it is whole.
 *
 * @param folders - Real folders by the names under which isomorphic-git sees them. A path that is under none does not exist.
 */
export function createReadOnlyFs(files: FileReader, folders: Readonly<Record<string, BytePath>>): PromiseFsClient {
  const real = (path: string): BytePath | null => {
    const seen = Object.keys(folders).find((folder) => path === folder || path.startsWith(`${folder}/`));
    return seen === undefined ? null : `${folders[seen] ?? ""}${path.slice(seen.length)}`;
  };
  const existing = <T>(path: string, read: (place: BytePath) => T | null): T => {
    const place = real(path);
    const found = place === null ? null : read(place);
    if (found === null) throw Object.assign(new Error(`there is no "${path}"`), { code: "ENOENT" });
    return found;
  };
  const readFile = async (path: string, options?: { readonly encoding?: string } | string): Promise<unknown> => {
    const bytes = bufferOf(existing(path, (place) => files.read(place)));
    if (path.endsWith(".idx") && !isWhole(bytes))
      throw Object.assign(new Error(`"${path}" is damaged`), { code: "EIO" });
    return (typeof options === "string" ? options : options?.encoding) === "utf8" ? bytes.toString("utf8") : bytes;
  };
  const stat = async (path: string): Promise<object> => statsOf(existing(path, (place) => files.stat(place)));
  const refuse = async (): Promise<never> => {
    throw Object.assign(new Error("a repository is only read"), { code: "EROFS" });
  };
  return {
    promises: {
      readFile,
      readdir: async (path: string): Promise<readonly string[]> =>
        existing(path, (place) => files.list(place)).map(({ name }) => name),
      stat,
      lstat: stat,
      readlink: refuse,
      symlink: refuse,
      writeFile: refuse,
      unlink: refuse,
      mkdir: refuse,
      rmdir: refuse,
      chmod: refuse,
    },
  };
}

/**
 * Tells whether an index of a pack ends with its own hash. Isomorphic-git checks that of the pack only, and where a
 * damaged index leads it into the middle of an object, it may read in circles until memory is used up.
 *
 * @remarks gitformat-pack(5), "Version 2 pack-*.idx files".
 */
function isWhole(bytes: Uint8Array): boolean {
  const end = Math.max(bytes.byteLength - 20, 0);
  return hashHex("sha1", bytes.subarray(0, end)) === hexOfBytes(bytes, end);
}

function statsOf({ kind, sizeBytes }: FileStat): object {
  return {
    size: sizeBytes,
    isFile: () => kind === "file",
    isDirectory: () => kind === "directory",
    isSymbolicLink: () => kind === "link",
  };
}
