import { isLfsCommand } from "../rules/lfs.ts";
import { redactText, redactUrl } from "../secrets/redact.ts";
import type { GitRemote } from "../state/observed.ts";
import type { GitContext, Setting } from "./command.ts";
import { git } from "./command.ts";
import { itemText, splitNul } from "./nul-list.ts";

/** One configuration value, and who set it. */
export interface ConfigEntry {
  /** `"system"`, `"global"`, `"local"`, `"worktree"` or `"command"`. */
  readonly scope: string;
  /** Section and name in lower case, subsection as written: `"remote.Origin.url"`. */
  readonly name: string;
  readonly value: string;
}

/** Reads the whole configuration, in the order in which later values win. */
export async function readConfig(context: GitContext): Promise<readonly ConfigEntry[]> {
  const items = splitNul(await git(context, ["config", "--list", "--show-scope", "-z"])).map(itemText);
  const entries: ConfigEntry[] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [scope = "", line = ""] = [items[index], items[index + 1]];
    const cut = line.indexOf("\n");
    // A name without a value is git's short way to say true.
    entries.push({
      scope,
      name: cut === -1 ? line : line.slice(0, cut),
      value: cut === -1 ? "true" : line.slice(cut + 1),
    });
  }
  return entries;
}

/** Tells whether a value stands in the repository itself, where whoever made the repository could put it. */
export function isFromRepository({ scope }: ConfigEntry): boolean {
  return scope === "local" || scope === "worktree";
}

/** The filters of a repository that are kept from running. */
export interface UntrustedFilters {
  /** Values that put the user's own filter, or none, in their place. */
  readonly settings: readonly Setting[];
  /** Their names, in the order of the configuration. */
  readonly names: readonly string[];
}

const FILTER = /^filter\.(?<filter>.*)\.(?<kind>clean|smudge|process|required)$/s;

/**
 * Finds the filters (gitattributes(5), "filter") that the repository's own configuration defines.
 *
 * They are commands, and reading a work tree would run them. What the user configured for all repositories is the user's
 * own and stays; except git-lfs, which would write into the repository, and whose pointers we make ourselves.
 */
export function untrustedFilters(config: readonly ConfigEntry[]): UntrustedFilters {
  const trusted = new Map(config.filter((entry) => !isFromRepository(entry)).map(({ name, value }) => [name, value]));
  const names = new Set<string>();
  const settings = new Map<string, string>();
  for (const entry of config.filter(isFromRepository)) {
    const { filter, kind } = FILTER.exec(entry.name)?.groups ?? {};
    if (filter === undefined) continue;
    if (entry.value === "") settings.delete(entry.name); // no command: it switches the filter off, as it does for git
    else settings.set(entry.name, trusted.get(entry.name) ?? (kind === "required" ? "false" : ""));
    if (entry.value !== "" && kind !== "required" && !isLfs(entry)) names.add(filter);
  }
  const off = config.some(isLfs) ? LFS_OFF : [];
  return { settings: [...settings, ...off], names: [...names] };
}

function isLfs({ name, value }: ConfigEntry): boolean {
  return name.startsWith("filter.lfs.") && isLfsCommand(value);
}

const LFS_OFF: readonly Setting[] = [
  ["filter.lfs.clean", ""],
  ["filter.lfs.smudge", ""],
  ["filter.lfs.process", ""],
  ["filter.lfs.required", "false"],
];

const REMOTE_URL = /^remote\.(?<remote>.*)\.url$/s;

/** The remotes and their addresses without credentials, as configured: not rewritten by `url.<base>.insteadOf`. */
export function remotesOf(config: readonly ConfigEntry[]): readonly GitRemote[] {
  return config.flatMap(({ name, value }) => {
    const remote = REMOTE_URL.exec(name)?.groups?.["remote"];
    // A remote may be named by its address.
    return remote === undefined ? [] : [{ name: redactText(remote), url: redactUrl(value) }];
  });
}
