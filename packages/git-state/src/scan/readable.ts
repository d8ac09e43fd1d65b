import { isReproError } from "@repro/core";

import { gitError } from "../error.ts";
import type { BytePath, FileReader } from "../files.ts";
import { textOfPath } from "../files.ts";

/**
 * Reads the same files, and says which one cannot be read.
 *
 * Whatever fails is thrown as ReproError `GIT_UNREADABLE`, with the path from `root`.
 */
export function readableFiles(files: FileReader, root: BytePath): FileReader {
  const naming = <T>(read: (path: BytePath) => T) => {
    return (path: BytePath): T => {
      try {
        return read(path);
      } catch (cause) {
        if (isReproError(cause)) throw cause; // another reader has said it
        throw unreadable(path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path, cause);
      }
    };
  };
  return {
    stat: naming((path) => files.stat(path)),
    list: naming((path) => files.list(path)),
    read: naming((path) => files.read(path)),
    readParts: (path, take) => naming((place) => files.readParts(place, take))(path),
    readLink: naming((path) => files.readLink(path)),
    realPath: naming((path) => files.realPath(path)),
  };
}

function unreadable(path: BytePath, cause: unknown): Error {
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const text = textOfPath(path);
  return gitError(`captureGitState: "${text}" cannot be read${typeof code === "string" ? ` (${code})` : ""}`, {
    code: "GIT_UNREADABLE",
    remedy: "make it readable for this user, or have git ignore the folder that it is in",
    data: { path: text },
    cause,
  });
}

/** The error for what went away, or became something else, between two looks at it. */
export function changedMeanwhile(path: BytePath): Error {
  const text = textOfPath(path);
  return gitError(`captureGitState: "${text}" was changed while it was read`, {
    code: "GIT_UNREADABLE",
    remedy: "wait until nothing writes to the work tree, and try again",
    data: { path: text },
  });
}
