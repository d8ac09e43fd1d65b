import { gitError } from "../error.ts";
import type { Variables } from "../host.ts";
import type { GitOperation } from "../state/observed.ts";
import { hostFiles, pathOfText } from "../files.ts";
import { absolutePath, hostVariables, pathExists } from "../host.ts";
import type { GitContext } from "./command.ts";
import { gitText } from "./command.ts";
import type { ConfigEntry } from "./config.ts";
import { readConfig, untrustedFilters } from "./config.ts";
import { notAWorktree } from "./failure.ts";
import { itemText } from "./nul-list.ts";
import { settled } from "./settle.ts";

/** A work tree and its repository, opened for reading. */
export interface Repository {
  /** Absolute path of the top of the work tree, as git writes it. */
  readonly root: string;
  /** Absolute path of what is this work tree's own in the repository: index, HEAD, operations under way. */
  readonly gitDir: string;
  /** Absolute path of what all work trees of the repository share: objects, branches, configuration. */
  readonly commonDir: string;
  readonly objectFormat: "sha1" | "sha256";
  readonly shallow: boolean;
  /** Version of the git program: `"2.39.5"`. */
  readonly gitVersion: string;
  readonly config: readonly ConfigEntry[];
  /** Filters that only the repository defines, and that are therefore not run. */
  readonly filtersNotRun: readonly string[];
  /** Runs git at `root` so that the repository's own commands do not run. */
  readonly context: GitContext;
}

/** Where to look for a repository. */
export interface RepositoryOptions {
  readonly cwd?: string | undefined;
  readonly env?: Variables | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Version of the git program, where it is known. */
  readonly gitVersion?: string;
}

/** `GIT_CONFIG_GLOBAL`, by which the scratch repository is cut off from all configuration, is of git 2.32 (2021). */
const OLDEST_GIT = [2, 32] as const;

/** Opens the repository around a folder. Runs nothing that the repository configures. */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const { env = hostVariables(), signal } = options;
  const outside: GitContext = { cwd: absolutePath(options.cwd ?? "."), env, signal, settings: [] };
  const [gitVersion, place, config] = await settled([
    options.gitVersion ?? supportedVersion(outside),
    locate(outside),
    readConfig(outside),
  ]);
  const { settings, names } = untrustedFilters(config);
  return { ...place, gitVersion, config, filtersNotRun: names, context: { ...outside, cwd: place.root, settings } };
}

async function supportedVersion(context: GitContext): Promise<string> {
  const text = await gitText(context, ["version"]);
  const found = /(?<version>(?<major>\d+)\.(?<minor>\d+)[\w.]*)/.exec(text)?.groups;
  const [major, minor] = [Number(found?.["major"]), Number(found?.["minor"])];
  if (major > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor >= OLDEST_GIT[1])) return found?.["version"] ?? text;
  throw gitError(`git: version must be ${OLDEST_GIT.join(".")} or newer, got "${text}"`, {
    code: "GIT_TOO_OLD",
    remedy: `install git ${OLDEST_GIT.join(".")} or newer`,
    data: { found: text, oldest: OLDEST_GIT.join(".") },
  });
}

type Place = Pick<Repository, "root" | "gitDir" | "commonDir" | "objectFormat" | "shallow">;

async function locate(context: GitContext): Promise<Place> {
  // A path may contain line feeds, so each answer holds one at most, and last.
  const flags = ["--is-inside-work-tree", "--is-shallow-repository", "--show-object-format"];
  const [answer, gitDir] = await settled([
    gitText(context, ["rev-parse", ...flags, "--show-toplevel"]),
    gitText(context, ["rev-parse", "--path-format=absolute", "--git-dir"]),
  ]);
  const [inside, shallow, format, ...root] = answer.split("\n");
  if (inside !== "true") throw notAWorktree(context.cwd);
  const objectFormat = format === "sha256" ? "sha256" : "sha1";
  return {
    root: root.join("\n"),
    gitDir,
    commonDir: commonFolder(gitDir),
    objectFormat,
    shallow: shallow === "true",
  };
}

/** @remarks gitrepository-layout(5), "commondir": only the folder of a linked work tree has that file. */
function commonFolder(gitDir: string): string {
  const bytes = hostFiles.read(pathOfText(`${gitDir}/commondir`));
  if (bytes === null) return gitDir;
  const path = itemText(bytes).replace(/[\r\n]+$/, "");
  return absolutePath(/^(?:[/\\]|[A-Za-z]:)/.test(path) ? path : `${gitDir}/${path}`);
}

/** Absolute path of the object store that all work trees of the repository share. */
export function objectsFolder({ commonDir }: Repository): string {
  return `${commonDir}/objects`;
}

/** What each marker in the git folder says is under way; the first that is there counts. */
export const OPERATIONS: readonly (readonly [string, GitOperation])[] = [
  ["rebase-merge", "rebase"],
  ["rebase-apply/applying", "am"],
  ["rebase-apply", "rebase"],
  ["MERGE_HEAD", "merge"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["BISECT_LOG", "bisect"],
];

/** Finds the operation under way; `null` when there is none. */
export async function operationUnderWay({ gitDir }: Repository): Promise<GitOperation | null> {
  const present = await Promise.all(OPERATIONS.map(([marker]) => pathExists(`${gitDir}/${marker}`)));
  return OPERATIONS.find((_, index) => present[index])?.[1] ?? null;
}
