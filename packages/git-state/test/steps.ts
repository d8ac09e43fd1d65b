import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

import fc from "fast-check";

import type { Fixture } from "./fixture.ts";

/** Something that a user does in a work tree. */
export type Step = readonly [
  kind: "write" | "delete" | "link" | "chmod" | "add" | "unadd" | "commit" | "flag",
  path: string,
  content: string,
];

const PATHS = ["a.txt", "data.bin", "src", "src/run.sh", "n/x", "n", "n/y\n", "-z", " ", 'q"\\', "é"];
const CONTENTS = ["", "one\ntwo\nthree\n", "x\r\n", "\0\u0001\0", "long\n".repeat(50)];

/** Steps of some kinds, also at other paths and with other contents than the usual ones. */
export function stepOf(
  kinds: readonly Step[0][],
  more: { readonly paths?: readonly string[]; readonly contents?: readonly string[] } = {},
): fc.Arbitrary<Step> {
  return fc.tuple(
    fc.constantFrom(...kinds),
    fc.constantFrom(...PATHS, ...(more.paths ?? [])),
    fc.constantFrom(...CONTENTS, ...(more.contents ?? [])),
  );
}

/** Takes a step where git and the file system let it: a file cannot be written where a folder is. */
export function take({ root, git, write, commit }: Fixture, [kind, path, content]: Step): void {
  try {
    if (kind === "write") write(path, content);
    else if (kind === "delete") rmSync(join(root, path), { recursive: true });
    else if (kind === "chmod") chmodSync(join(root, path), 0o755);
    else if (kind === "add") git("add", "--", path);
    else if (kind === "unadd") git("rm", "-r", "-q", "--cached", "--", path);
    else if (kind === "commit") commit();
    else if (kind === "flag") git("update-index", "--assume-unchanged", "--", path);
    else {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(content === "" ? "nowhere" : content.replaceAll("\0", ""), join(root, path));
    }
  } catch {
    // it cannot be taken here
  }
}
