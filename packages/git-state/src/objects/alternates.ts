import { gitError } from "../error.ts";
import type { BytePath, FileReader } from "../files.ts";
import { pathOfBytes, textOfPath } from "../files.ts";

/** Repositories may borrow objects from those that borrow, this deep. */
const MAX_DEPTH = 5;

/**
 * Lists the folders that a repository's objects are in, without links: its own, then those that it borrows from.
 *
 * @param own - Absolute path of its own folder.
 * @throws ReproError `GIT_UNREADABLE` when one of them is gone.
 * @remarks gitrepository-layout(5), "objects/info/alternates".
 */
export function objectFolders(files: FileReader, own: BytePath): readonly BytePath[] {
  const folders = new Set<BytePath>();
  const visit = (path: BytePath, depth: number): void => {
    const folder = path.includes("\0") ? null : files.realPath(path);
    if (folder !== null && folders.has(folder)) return;
    if (folder === null || depth > MAX_DEPTH || files.stat(folder)?.kind !== "directory") throw gone(path);
    folders.add(folder);
    for (const line of linesOf(files.read(`${folder}/info/alternates`))) {
      const target = line.startsWith('"') ? unquoted(line) : line;
      visit(target.startsWith("/") ? target : `${folder}/${target}`, depth + 1);
    }
  };
  visit(own, 0);
  return [...folders];
}

function linesOf(bytes: Uint8Array | null): readonly BytePath[] {
  return bytes === null
    ? []
    : pathOfBytes(bytes)
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", a: "\x07" };

/** Reads a path in C's quotes, as git writes one with unusual bytes. */
function unquoted(line: BytePath): BytePath {
  return line
    .replace(/^"|"$/g, "")
    .replace(/\\(?:([0-3][0-7]{2})|(.))/gs, (_, octal: string | undefined, letter: string | undefined) =>
      octal === undefined ? (ESCAPES[letter ?? ""] ?? letter ?? "") : String.fromCharCode(Number.parseInt(octal, 8)),
    );
}

function gone(folder: BytePath): Error {
  const path = textOfPath(folder);
  return gitError(`captureGitState: the repository borrows objects from "${path}", which is not there`, {
    code: "GIT_UNREADABLE",
    remedy: "bring that folder back, or clone the repository anew",
    data: { path },
  });
}
