import { compareCodePoints, hashBytes, isReproError } from "@repro/core";

import { observeConfig } from "../config/observed.ts";
import { hostFiles, pathOfText } from "../files.ts";
import { redactText } from "../secrets/redact.ts";
import type { Snapshot } from "../snapshot.ts";
import type { GitUpstream } from "../state/observed.ts";
import { git, gitText } from "./command.ts";
import type { Repository } from "./repository.ts";
import { operationUnderWay } from "./repository.ts";
import { ruleFiles } from "./rule-files.ts";
import type { Status } from "./status.ts";
import { settled } from "./settle.ts";

/** Reads what is recorded beside the code itself: two runs of git, at once, and a few small files. */
export async function observe(repository: Repository, status: Status): Promise<Snapshot["observed"]> {
  const [tags, onRemote, operation, rules] = await settled([
    tagsAt(repository, status.commit),
    isOnRemote(repository, status.commit),
    operationUnderWay(repository),
    digests(repository),
  ]);
  const { partial, sparse, ...configured } = observeConfig(repository.config);
  return {
    branch: status.branch,
    detached: status.branch === null,
    upstream: withoutCredentials(status.upstream),
    tags,
    onRemote,
    ...configured,
    clone: {
      shallow: repository.shallow,
      partial,
      sparse,
      linkedWorktree: repository.commonDir !== repository.gitDir,
    },
    operation,
    rules,
    filtersNotRun: repository.filtersNotRun.map(redactText),
  };
}

/** A branch may follow an address that is no remote's, by its name. */
function withoutCredentials(upstream: GitUpstream | null): GitUpstream | null {
  return upstream === null ? null : { ...upstream, name: redactText(upstream.name) };
}

/**
 * Lists the tags that lead to a commit, through other tags too.
 *
 * `git show-ref`, because `git for-each-ref --points-at` follows a tag of a tag only in later versions.
 */
async function tagsAt({ context }: Repository, commit: string | null): Promise<readonly string[]> {
  if (commit === null) return [];
  let lines: string;
  try {
    lines = await gitText(context, ["show-ref", "--tags", "--dereference"]);
  } catch (error) {
    if (isReproError(error, "GIT_COMMAND_FAILED") && error.data["exitCode"] === 1) return []; // there are no tags
    throw error;
  }
  const names = lines.split("\n").flatMap((line) => {
    // The line of an annotated tag's own object is followed by one of what it names in the end.
    const { id, name } = /^(?<id>[0-9a-f]+) refs\/tags\/(?<name>.*?)(?:\^\{\})?$/.exec(line)?.groups ?? {};
    return id === commit && name !== undefined ? [name] : [];
  });
  return names.toSorted(compareCodePoints);
}

async function isOnRemote({ context, shallow }: Repository, commit: string | null): Promise<boolean | null> {
  if (commit === null) return null;
  try {
    const outside = await git(context, ["rev-list", "--max-count=1", commit, "--not", "--remotes"]);
    if (outside.byteLength === 0) return true;
    return shallow ? null : false;
  } catch (error) {
    // History that is damaged, or that a partial clone lacks: what was to be recorded can still be.
    if (isReproError(error, "GIT_COMMAND_FAILED") || isReproError(error, "GIT_UNREADABLE")) return null;
    throw error;
  }
}

async function digests(repository: Repository): Promise<Readonly<Record<string, string>>> {
  const found: [string, string][] = [];
  for (const [name, path] of await ruleFiles(repository, repository.commonDir)) {
    const bytes = readable(path);
    if (bytes !== null) found.push([name, hashBytes(bytes)]);
  }
  return Object.fromEntries(found);
}

function readable(path: string): Uint8Array | null {
  try {
    return hostFiles.read(pathOfText(path));
  } catch {
    return null; // git passes over a file of rules that it cannot read, with a warning: it adds none
  }
}
