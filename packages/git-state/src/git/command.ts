import type { ChildResult, Variables } from "../host.ts";
import { runChild } from "../host.ts";
import { gitFailure, startFailure, tooLarge, unseen } from "./failure.ts";

/** One configuration value that outranks the repository's: name as `git config` writes it, and value. */
export type Setting = readonly [name: string, value: string];

/** Where and how git is run. */
export interface GitContext {
  readonly cwd: string;
  /** Environment of the caller, not yet cleaned. */
  readonly env: Variables;
  readonly signal?: AbortSignal | undefined;
  readonly settings: readonly Setting[];
}

/** What one run of git gets beside its arguments. */
export interface GitInput {
  readonly stdin?: Uint8Array;
  /** Variables that git itself defines, for this run. */
  readonly variables?: Variables;
  readonly maxStdoutBytes?: number;
}

/**
 * The variables of git that are the user's own settings. All others are dropped: those of a hook or an outer git
 * (`GIT_DIR`, `GIT_INDEX_FILE`, …) would have us read another repository, or write into one.
 */
const KEPT =
  /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|ATTR_NOSYSTEM|EXEC_PATH|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/;

const FIXED: Variables = {
  LC_ALL: "C", // messages are matched below, in English
  GIT_OPTIONAL_LOCKS: "0", // `git status` must not write the refreshed index back
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_REPLACE_OBJECTS: "1", // a commit id means that commit, not its local replacement
  // A partial clone fetches what is missing, by commands that its own configuration names. A capture fetches nothing.
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
};

/** What no repository may switch on. */
const SAFE_SETTINGS: readonly Setting[] = [
  ["core.fsmonitor", "false"], // may name a program
  ["core.hooksPath", "/dev/null"],
  ["core.splitIndex", "false"], // writes shared index files into the repository, whatever GIT_INDEX_FILE says
  ["index.sparse", "false"],
  ["core.safecrlf", "false"], // would refuse to hash a file; the tree id shows what became of it
];

/** Runs git to its end, whatever its exit code. Throws when there is no git, or no folder to run it in. */
async function tryGit(context: GitContext, args: readonly string[], input: GitInput = {}): Promise<ChildResult> {
  const { cwd, signal } = context;
  const env = { ...variablesOf(context), ...input.variables };
  try {
    return await runChild("git", args, { cwd, env, signal, stdin: input.stdin, maxStdoutBytes: input.maxStdoutBytes });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw await startFailure(cwd, cause);
  }
}

/** Runs git and returns what it wrote. Throws where it fails, and where it passes over something that it cannot read. */
export async function git(context: GitContext, args: readonly string[], input: GitInput = {}): Promise<Uint8Array> {
  const result = await tryGit(context, args, input);
  if (result.overflowed) throw tooLarge(input.maxStdoutBytes ?? 0);
  if (result.exitCode !== 0) throw gitFailure(context, args, result);
  const overlooked = unseen(context, result.stderr);
  if (overlooked !== null) throw overlooked;
  return result.stdout;
}

/** Runs git and returns its text without the final line feed. */
export async function gitText(context: GitContext, args: readonly string[], input: GitInput = {}): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await git(context, args, input)).replace(/\n$/, "");
}

function variablesOf({ env, settings }: GitContext): Variables {
  const variables: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("GIT_") || KEPT.test(name)) variables[name] = value;
  }
  const inherited = Number(env["GIT_CONFIG_COUNT"] ?? 0);
  const first = Number.isSafeInteger(inherited) && inherited > 0 ? inherited : 0;
  const all = [...SAFE_SETTINGS, ...settings];
  // Through the environment, because `-c name=value` cannot say a name with "=" in it.
  for (const [index, [name, value]] of all.entries()) {
    variables[`GIT_CONFIG_KEY_${first + index}`] = name;
    variables[`GIT_CONFIG_VALUE_${first + index}`] = value;
  }
  return { ...variables, ...FIXED, GIT_CONFIG_COUNT: String(first + all.length) };
}
