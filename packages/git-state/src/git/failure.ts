import type { ReproError } from "@repro/core";

import type { GitStateErrorCode } from "../error.ts";
import { gitError } from "../error.ts";
import type { ChildResult } from "../host.ts";
import { listFolder } from "../host.ts";
import { redactText } from "../secrets/redact.ts";

type Failure = ReproError<GitStateErrorCode>;

/** Where git was run. */
interface Place {
  readonly cwd: string;
}

/** The error for a git that did not start. */
export async function startFailure(cwd: string, cause: unknown): Promise<Failure> {
  // The system's error is the same whether the program or the working directory is missing.
  if ((await listFolder(cwd)) === null) {
    return gitError(`git: "cwd" must be a folder, got "${cwd}"`, {
      code: "GIT_NOT_A_WORKTREE",
      remedy: "name a folder inside a git work tree",
      data: { cwd },
      cause,
    });
  }
  return gitError("git: the program is not on PATH, or cannot be started", {
    code: "GIT_NOT_FOUND",
    remedy: "install git 2.32 or newer, and put it on PATH",
    cause,
  });
}

/** The error that a failed run of git means. What git said, and what it was told, may hold addresses with passwords. */
export function gitFailure({ cwd }: Place, args: readonly string[], { exitCode, stderr }: ChildResult): Failure {
  if (stderr.includes("dubious ownership")) return unsafeOwner(cwd, stderr);
  if (/not a git repository \(|must be run in a work tree/.test(stderr)) return notAWorktree(cwd);
  const command = redactText(["git", ...args].join(" "));
  const said = redactText(stderr);
  const [code, remedy] = MEANINGS.find(([pattern]) => pattern.test(stderr))?.[1] ?? OTHER;
  return gitError(`git: "${command}" failed: ${lastLines(said)}`, {
    code,
    remedy,
    data: { command, exitCode, stderr: said.slice(0, 2000), cwd },
  });
}

type Meaning = readonly [code: GitStateErrorCode, remedy: string];

const OTHER: Meaning = [
  "GIT_COMMAND_FAILED",
  "run `git fsck` and `git status` in the repository; they say what is wrong with it",
];

const LATER: Meaning = ["GIT_UNSUPPORTED", "install a git that knows this format, the one that wrote it"];

const DENIED: Meaning = ["GIT_UNREADABLE", "make what git names readable, or list it in .gitignore"];

const DAMAGED: Meaning = [
  "GIT_UNREADABLE",
  "`git fsck` says what is damaged or missing; `git fetch` or a fresh clone brings it back",
];

/** What git says in English; the first that fits counts. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: Meaning])[] = [
  [/unknown repository extension|Expected git repo version|invalid value for 'extensions\./, LATER],
  [/bad index version|extension, which we do not understand|unknown index entry format/i, LATER],
  [/: (?:Permission denied|Input\/output error)$/m, DENIED],
  [/index file (?:corrupt|smaller than expected|open failed)|unable to (?:map|stat|read) index|bad signature/, DAMAGED],
  [/is corrupt\b|bad (?:tree )?object |unable to (?:read|unpack) |does not match index|bad config line/, DAMAGED],
  [
    /not a git repository: |invalid gitfile format|unexpected line in |unable to find |missing blob |could not read |is too small/i,
    DAMAGED,
  ],
];

/** Git names an extension on a line of its own, under the complaint. */
function lastLines(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const start = lines.findLastIndex((line) => !line.startsWith("\t"));
  return lines.slice(Math.max(start, 0)).join("").replace("\t", " ");
}

function unsafeOwner(cwd: string, stderr: string): Failure {
  const root = /safe\.directory (?<root>.+)$/m.exec(stderr)?.groups?.["root"] ?? cwd; // quoted where it needs to be
  return gitError(`git: the repository of "${cwd}" belongs to another user, and git refuses to read it`, {
    code: "GIT_UNSAFE_OWNER",
    remedy: `if you trust it: git config --global --add safe.directory ${root}`,
    data: { cwd, root },
  });
}

/**
 * What git writes, with success, of a path that it has passed over. That there is nothing, or that rules are behind a
 * link, which git does not follow, is an answer.
 */
const PASSED_OVER = [
  /^warning: could not open directory '(?<path>.*)': (?!No such file|Not a directory)/m,
  /^warning: unable to access '(?<path>[^/].*)': (?:Permission denied|Input\/output error|Too many open files)$/m,
  /^(?:error: )?(?:open\("|readlink\(")?(?<path>(?!\/|warning: ).+?)(?:"\))?: (?:Permission denied|Input\/output error|Too many levels of symbolic links|File name too long|Too many open files|Cannot allocate memory)$/m,
];

/**
 * The error for something in a work tree that git did not look at, and yet succeeded; `null` where there is none.
 *
 * A file of rules that the user has elsewhere, and that git cannot read, adds no rules: so git answers, and so do we.
 */
export function unseen({ cwd }: Place, stderr: string): Failure | null {
  if (stderr === "") return null;
  const path = PASSED_OVER.map((pattern) => pattern.exec(stderr)?.groups?.["path"]).find(
    (found) => found !== undefined,
  );
  if (path === undefined) return null;
  return gitError(`captureGitState: "${path}" cannot be read, so nobody knows whether it has changed`, {
    code: "GIT_UNREADABLE",
    remedy: "make it readable, or list it in .gitignore",
    data: { path, cwd, stderr: redactText(stderr).slice(0, 2000) },
  });
}

/** Only the patch has a limit: what else git writes grows with the repository, and not with what lies beside it. */
export function tooLarge(limitBytes: number): Failure {
  return gitError(`captureGitPatch: the uncommitted changes make a patch of more than ${limitBytes} bytes`, {
    code: "GIT_PATCH_TOO_LARGE",
    remedy: "list large untracked files in .gitignore and record them as data, or commit the changes",
    data: { limitBytes },
  });
}

/** There is no work tree at a folder: no repository, a bare one, or the inside of `.git`. */
export function notAWorktree(cwd: string): Failure {
  return gitError(`git: "${cwd}" is not inside a git work tree`, {
    code: "GIT_NOT_A_WORKTREE",
    remedy: "run it in a checkout: `git clone <url>`, or `git init` and a first commit",
    data: { cwd },
  });
}
