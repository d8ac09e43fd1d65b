import { compareCodePoints, hashBytes } from "@repro/core";

import { settingOf } from "../config/config.ts";
import { observeConfig } from "../config/observed.ts";
import type { BytePath } from "../files.ts";
import { pathOfBytes, pathOfText, textOfPath } from "../files.ts";
import { untrustedFilters } from "../git/config.ts";
import { OPERATIONS } from "../git/repository.ts";
import type { HistoryOptions } from "../objects/history.ts";
import { aheadBehind, isReachable } from "../objects/history.ts";
import type { Ref } from "../repository/refs.ts";
import { readRefs } from "../repository/refs.ts";
import { redactText } from "../secrets/redact.ts";
import type { Snapshot } from "../snapshot.ts";
import type { GitUpstream } from "../state/observed.ts";
import type { OpenedRepository, OuterRules } from "./repository.ts";

/** Commits that are read at most to compare a commit with remote branches. */
const HISTORY_LIMIT = 2000;

/** A commit, and what it is compared with. */
interface Compared {
  readonly repository: OpenedRepository;
  readonly commit: string;
  readonly refs: ReadonlyMap<BytePath, Ref>;
  readonly history: HistoryOptions;
}

/** Reads what is recorded beside the code itself. */
export async function observeBuiltIn(
  repository: OpenedRepository,
  commit: string,
  outer: OuterRules,
): Promise<Snapshot["observed"]> {
  const { files, place, head, objects } = repository;
  const shallow = new Set(linesOf(files.read(`${place.commonDir}/shallow`)));
  const history = { objects, shallow, limit: HISTORY_LIMIT };
  const compared = { repository, commit, refs: readRefs(files, place), history };
  const { partial, sparse, ...configured } = observeConfig(repository.config);
  const rules = Object.entries(outer).flatMap(([name, bytes]): [string, string][] =>
    bytes === null ? [] : [[name, hashBytes(bytes)]],
  );
  return {
    branch: head.branch,
    detached: head.branch === null,
    upstream: await upstreamOf(compared),
    tags: await tagsAt(compared),
    onRemote: await isOnRemote(compared),
    ...configured,
    clone: { shallow: shallow.size > 0, partial, sparse, linkedWorktree: place.commonDir !== place.gitDir },
    operation: OPERATIONS.find(([marker]) => files.stat(`${place.gitDir}/${marker}`) !== null)?.[1] ?? null,
    rules: Object.fromEntries(rules),
    filtersNotRun: untrustedFilters(repository.config).names.map(redactText),
  };
}

function linesOf(bytes: Uint8Array | null): readonly string[] {
  return bytes === null
    ? []
    : pathOfBytes(bytes)
        .split("\n")
        .filter((line) => line !== "");
}

async function upstreamOf({ repository, commit, refs, history }: Compared): Promise<GitUpstream | null> {
  const ref = repository.head.branch === null ? null : trackingRef(repository, repository.head.branch);
  const id = ref === null ? undefined : refs.get(pathOfText(ref))?.id;
  if (ref === null || id === undefined) return null; // never fetched, or gone
  const counts = await aheadBehind(commit, id, history);
  const name = redactText(ref.replace(/^refs\/(?:remotes|heads)\//, ""));
  return { name, ahead: counts?.ahead ?? null, behind: counts?.behind ?? null };
}

/**
 * Finds the reference that a branch follows.
 *
 * @remarks git-config(1), `branch.<name>.merge`; gitglossary(7), "refspec".
 */
function trackingRef({ config }: OpenedRepository, branch: string): string | null {
  const [remote, merge] = ["remote", "merge"].map((key) => settingOf(config, `branch.${branch}.${key}`));
  if (remote === undefined || merge === undefined) return null;
  if (remote === ".") return merge;
  for (const { name, value } of config) {
    const [from = "", to] = value.replace(/^\+/, "").split(":");
    if (name !== `remote.${remote}.fetch` || to === undefined) continue;
    if (from === merge) return to;
    const [before = "", after] = from.split("*");
    if (after === undefined || !merge.startsWith(before) || !merge.endsWith(after)) continue;
    return to.replace("*", () => merge.slice(before.length, merge.length - after.length));
  }
  return null;
}

async function tagsAt({ repository, commit, refs }: Compared): Promise<readonly string[]> {
  const tags: string[] = [];
  for (const [ref, { id, peeled }] of refs) {
    if (!ref.startsWith("refs/tags/")) continue;
    // What a tag object names is written down where references were packed; elsewhere the object says it.
    const target = id === commit ? id : (peeled ?? (await repository.objects.peel(id)));
    if (target === commit) tags.push(textOfPath(ref.slice("refs/tags/".length)));
  }
  return tags.toSorted(compareCodePoints);
}

async function isOnRemote({ commit, refs, history }: Compared): Promise<boolean | null> {
  const branches = [...refs].flatMap(([ref, { id }]) => (ref.startsWith("refs/remotes/") ? [id] : []));
  const reached = await isReachable(commit, branches, history);
  return reached === false && history.shallow.size > 0 ? null : reached;
}
