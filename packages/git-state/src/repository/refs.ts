import { gitError } from "../error.ts";
import type { BytePath, FileReader } from "../files.ts";
import { pathOfBytes, textOfPath } from "../files.ts";
import type { RepositoryPlace } from "./location.ts";

/** What is checked out. */
export interface Head {
  /** `null` when HEAD is detached. */
  readonly branch: string | null;
  /** `null` before the first commit of the branch. */
  readonly commit: string | null;
}

/** What a reference names. */
export interface Ref {
  /** Id of a commit, or of a tag object. */
  readonly id: string;
  /** Id of what the tag object leads to, where that is written down; else `null`. */
  readonly peeled: string | null;
}

/**
 * Reads what HEAD names.
 *
 * @throws ReproError `GIT_UNREADABLE` when it names nothing that can be read.
 * @remarks gitrepository-layout(5), "HEAD".
 */
export function readHead(files: FileReader, place: RepositoryPlace): Head {
  const target = readTarget(files, `${place.gitDir}/HEAD`);
  if (target === null || target === "absent") throw unreadableRef("HEAD");
  if ("id" in target) return { branch: null, commit: target.id };
  const branch = target.name.startsWith("refs/heads/") ? target.name.slice("refs/heads/".length) : target.name;
  return { branch: textOfPath(branch), commit: resolveRef(files, place, target.name, 0) };
}

/** References may name references, this deep. */
const MAX_DEPTH = 5;

function resolveRef(files: FileReader, place: RepositoryPlace, name: BytePath, depth: number): string | null {
  if (!isRefName(name) || depth > MAX_DEPTH) throw unreadableRef(textOfPath(name));
  const target = readTarget(files, `${isOwn(name) ? place.gitDir : place.commonDir}/${name}`);
  if (target === "absent") return readPackedRefs(files, place).get(name)?.id ?? null;
  if (target === null) throw unreadableRef(textOfPath(name));
  return "id" in target ? target.id : resolveRef(files, place, target.name, depth + 1);
}

/** References that each work tree has for itself. */
function isOwn(name: BytePath): boolean {
  return /^refs\/(?:bisect|rewritten|worktree)\//.test(name);
}

/**
 * Reads the references under `refs/` that all work trees share, by name; those that lead nowhere are left out.
 *
 * A file `packed-refs` that ends early, but at the end of a line, is a shorter list to us as it is to git.
 *
 * @throws ReproError `GIT_UNREADABLE`.
 */
export function readRefs(files: FileReader, place: RepositoryPlace): ReadonlyMap<BytePath, Ref> {
  const refs = new Map<BytePath, Ref>(readPackedRefs(files, place));
  const folders = ["refs"];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const { name, kind } of files.list(`${place.commonDir}/${folder}`) ?? []) {
      const path = `${folder}/${name}`;
      if (kind === "directory") folders.push(path);
      else if (isRefName(path) && !isOwn(path)) {
        const id = resolveRef(files, place, path, 0);
        if (id !== null) refs.set(path, { id, peeled: null });
      }
    }
  }
  return refs;
}

function readPackedRefs(files: FileReader, { commonDir }: RepositoryPlace): ReadonlyMap<BytePath, Ref> {
  const text = readRefFile(files, `${commonDir}/packed-refs`);
  const refs = new Map<BytePath, Ref>();
  let last: BytePath | null = null;
  for (const line of text === null || text === "" ? [] : text.replace(/\n$/, "").split("\n")) {
    if (line.startsWith("#")) continue;
    const { peeled, id, name } =
      /^(?:\^(?<peeled>[0-9a-f]{40})|(?<id>[0-9a-f]{40}) (?<name>[^ ]+))$/s.exec(line)?.groups ?? {};
    const before = last === null ? undefined : refs.get(last);
    if (peeled !== undefined && last !== null && before !== undefined) refs.set(last, { ...before, peeled });
    else if (id !== undefined && name !== undefined && isRefName(name)) refs.set(name, { id, peeled: null });
    else throw unreadableRef("packed-refs");
    last = name ?? null;
  }
  // A file that was cut off in the middle of a line, or at its start, is not a shorter file.
  if (text !== null && text !== "" && !text.endsWith("\n")) throw unreadableRef("packed-refs");
  return refs;
}

/**
 * Tells whether a name under `refs/` is one that git gives; joined to the repository's folder it stays below it.
 *
 * @remarks git-check-ref-format(1).
 */
function isRefName(name: BytePath): boolean {
  // Control characters in bytes: not those that Unicode has from 0x80 on.
  if (!name.startsWith("refs/") || /[ ~^:?*[\\]|(?![\x80-\x9f])\p{Cc}|\.\.|@\{|\.$/u.test(name)) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

type Target = { readonly id: string } | { readonly name: BytePath };

/** What a file of a reference says; `null` when that makes no sense. */
function readTarget(files: FileReader, path: BytePath): Target | "absent" | null {
  const link = files.readLink(path);
  if (link?.startsWith("refs/") === true) return { name: link };
  const text = readRefFile(files, path);
  return text === null ? "absent" : parseRef(text);
}

function readRefFile(files: FileReader, path: BytePath): BytePath | null {
  try {
    const bytes = files.read(path);
    return bytes === null ? null : pathOfBytes(bytes);
  } catch (cause) {
    // A folder of the same name is what deleted branches leave behind.
    if (files.stat(path)?.kind === "directory") return null;
    throw unreadableRef(textOfPath(path.slice(path.lastIndexOf("/") + 1)), cause);
  }
}

function parseRef(text: BytePath): Target | null {
  // Not `\s`: its blanks are more than those of git, and a character in UTF-8 may end with such a byte.
  const { id, name } =
    /^(?:(?<id>[0-9a-f]{40})(?:[ \t\n\r]|$)|ref:[ \t\n\r]*(?<name>[^ \t\n\r](?:.*[^ \t\n\r])?)[ \t\n\r]*$)/is.exec(text)
      ?.groups ?? {};
  if (id !== undefined) return { id: id.toLowerCase() };
  return name === undefined ? null : { name };
}

function unreadableRef(name: string, cause?: unknown): Error {
  return gitError(`captureGitState: the reference "${name}" cannot be read`, {
    code: "GIT_UNREADABLE",
    remedy: "run `git fsck` in the repository",
    data: { name },
    cause,
  });
}
