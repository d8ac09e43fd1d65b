import { isReproError } from "@repro/core";

import { gitError } from "./error.ts";
import { git, gitText } from "./git/command.ts";
import { remotesOf } from "./git/config.ts";
import type { Repository } from "./git/repository.ts";
import { openRepository } from "./git/repository.ts";
import { hostVariables } from "./host.ts";
import type { GitState } from "./state/state.ts";

/**
 * What {@link tagRun} writes, and where.
 *
 * @public
 */
export interface TagRunOptions {
  /** Name of the tag: the run's own, `"runs/2026-01-02"`. */
  readonly name: string;
  /** A folder in a work tree of the repository; this process's working directory when omitted. */
  readonly cwd?: string;
  /** What the tag's message says beside the run's name and the ids; nothing when omitted. */
  readonly message?: string;
  /** Environment that git runs in; this process's own when omitted. `GIT_COMMITTER_NAME` and the like say who tags. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Stops git and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * An annotated tag of a run.
 *
 * @public
 */
export interface RunTag {
  /** Name of the tag. */
  readonly name: string;
  /** Id of the tag object. */
  readonly id: string;
  /** Id of the commit that it names. */
  readonly commit: string;
  /** Whether it was made now; `false` when the same tag was there. */
  readonly created: boolean;
}

/**
 * Tags the commit of a recorded state, whatever HEAD is now.
 *
 * The one function here that writes to the repository: one object and one ref, made whole or not at all. No hook runs,
 * and no program that the repository names. The message holds the run's name, the tree of its files, and, where the
 * files were not those of the commit, that the commit alone does not give them back. Calling it again with the same
 * state, name and message changes nothing; so does calling it twice at once.
 *
 * @throws RangeError when `name` is not what `git check-ref-format` takes for a tag, or `message` contains a NUL.
 * @throws ReproError `GIT_TAG_EXISTS` with `data: { name, target }` when something else has that name, or with
 *   `data: { name, existing }` when an existing tag leaves no room for it (`a` beside `a/b`); `GIT_COMMIT_MISSING`;
 *   `GIT_COMMAND_FAILED`, also where git does not know who makes the tag; `GIT_NOT_FOUND`, `GIT_TOO_OLD`,
 *   `GIT_UNSAFE_OWNER`, `GIT_NOT_A_WORKTREE`.
 * @example
 * ```ts no-run
 * await tagRun(state, { name: "runs/baseline" });
 * ```
 * @public
 */
export async function tagRun(state: GitState, options: TagRunOptions): Promise<RunTag> {
  const { name, cwd, env = hostVariables(), signal } = options;
  if (!isTagName(name)) {
    throw new RangeError(`tagRun: "name" must be what git check-ref-format takes for a tag, got ${quoted(name)}`);
  }
  const message = messageOf(state, options);
  const repository = await openRepository({ cwd, env, signal });
  await requireCommit(repository, state);
  const wanted: Wanted = { name, commit: state.commit, message };
  const existing = await readTag(repository, name);
  if (existing !== null) return unchanged(existing, wanted);
  const id = await writeTag(repository, wanted, env);
  try {
    // The zeros say: only if there is no such ref.
    await git(repository.context, ["update-ref", TAGS + name, id, "0".repeat(id.length)]);
  } catch (error) {
    return unchanged(await foundInstead(repository, name, error), wanted);
  }
  return { name, id, commit: state.commit, created: true };
}

const TAGS = "refs/tags/";

/**
 * Tells whether git takes a name for a tag.
 *
 * @remarks git-check-ref-format(1), rules 1 to 10 for `refs/tags/<name>`, and what `git tag` refuses beside them.
 */
export function isTagName(name: string): boolean {
  if (name === "HEAD" || /\p{Surrogate}/u.test(name)) return false;
  if (/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|^-|\.$/.test(name)) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** Enough of a name to recognise it, on one line. */
function quoted(name: string): string {
  return `"${name.slice(0, 100).replace(/\p{Cc}/gu, "\ufffd")}"`;
}

function messageOf(state: GitState, { name, message = "" }: TagRunOptions): string {
  if (message.includes("\0")) throw new RangeError('tagRun: "message" must not contain a NUL');
  const said = message.replaceAll("\r\n", "\n").trim();
  const facts = [`Worktree-Tree: ${state.worktreeTree}`];
  if (state.dirty) {
    facts.unshift(
      `The work tree differed from this commit in ${state.changes.length} path(s).`,
      "The commit alone does not give the code back.",
      "",
    );
    if (state.patch !== null) facts.push(`Worktree-Patch: ${state.patch.digest}`);
  }
  if (state.fidelity === "approximate") facts.push("Worktree-Fidelity: approximate");
  return [`Run ${name}`, "", ...(said === "" ? [] : [said, ""]), ...facts].join("\n");
}

async function requireCommit({ root, context, config, shallow }: Repository, { commit }: GitState): Promise<void> {
  try {
    await git(context, ["cat-file", "-e", `${commit}^{commit}`]);
  } catch (cause) {
    if (!isReproError(cause, "GIT_COMMAND_FAILED")) throw cause;
    throw gitError(`tagRun: the repository at "${root}" does not have commit ${commit}`, {
      code: "GIT_COMMIT_MISSING",
      remedy: `git fetch ${remotesOf(config)[0]?.name ?? "<remote>"} ${commit}`,
      data: { commit, root, shallow },
      cause,
    });
  }
}

interface Wanted {
  readonly name: string;
  readonly commit: string;
  readonly message: string;
}

/** What a name stands for: an annotated tag, or any other object, whose message is then `null`. */
interface Existing {
  readonly id: string;
  readonly target: string;
  readonly message: string | null;
}

async function readTag({ context }: Repository, name: string): Promise<Existing | null> {
  const format = "%(refname)%00%(objectname)%00%(objecttype)%00%(object)%00%(contents)";
  // As a folder the pattern matches other tags too; but where there is such a folder, there is no such tag.
  const answer = await gitText(context, ["for-each-ref", `--format=${format}`, TAGS + name]);
  const [ref, id = "", type, object = "", ...contents] = answer.split("\0");
  if (ref !== TAGS + name) return null;
  return type === "tag" ? { id, target: object, message: contents.join("\0") } : { id, target: id, message: null };
}

function unchanged({ id, target, message }: Existing, wanted: Wanted): RunTag {
  const { name, commit } = wanted;
  if (target === commit && message?.trimEnd() === wanted.message) return { name, id, commit, created: false };
  const other = target === commit ? "with another message" : `of ${target}`;
  throw tagExists(`there is a tag "${name}" ${other}`, { name, target });
}

function tagExists(what: string, data: Readonly<Record<string, string>>, cause?: unknown): Error {
  return gitError(`tagRun: ${what}`, {
    code: "GIT_TAG_EXISTS",
    remedy: "choose another name; a tag that others may have fetched is better left as it is",
    data,
    cause,
  });
}

/** Writes the object of a tag, to which nothing refers yet. */
async function writeTag({ context }: Repository, wanted: Wanted, env: TagEnvironment): Promise<string> {
  const tagger = await taggerOf(context, env);
  const { name, commit, message } = wanted;
  const object = `object ${commit}\ntype commit\ntag ${name}\ntagger ${tagger}\n\n${message}\n`;
  // Not `git tag`, which may sign the tag with a program that the repository names.
  return gitText(context, ["mktag"], { stdin: new TextEncoder().encode(object) });
}

type TagEnvironment = NonNullable<TagRunOptions["env"]>;

const WHO = ["GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE"] as const;

async function taggerOf(context: Repository["context"], env: TagEnvironment): Promise<string> {
  const variables = Object.fromEntries(WHO.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  try {
    return await gitText(context, ["var", "GIT_COMMITTER_IDENT"], { variables });
  } catch (cause) {
    if (!isReproError(cause, "GIT_COMMAND_FAILED")) throw cause;
    throw gitError("tagRun: git does not know who makes the tag", {
      code: "GIT_COMMAND_FAILED",
      remedy: 'git config --global user.name "Ada" && git config --global user.email ada@example.com',
      data: cause.data,
      cause,
    });
  }
}

/** Why the ref could not be made: another came first, or the error itself. */
async function foundInstead(repository: Repository, name: string, error: unknown): Promise<Existing> {
  if (!isReproError(error, "GIT_COMMAND_FAILED")) throw error;
  const existing = await readTag(repository, name);
  if (existing !== null) return existing;
  const ref = /'refs\/tags\/(?<tag>[^']+)' exists; cannot create/.exec(error.message)?.groups?.["tag"];
  if (ref === undefined) throw error;
  throw tagExists(`there is a tag "${ref}", beside which there can be no "${name}"`, { name, existing: ref }, error);
}
