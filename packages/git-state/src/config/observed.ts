import { compareCodePoints } from "@repro/core";

import type { ConfigEntry } from "../git/config.ts";
import { remotesOf } from "../git/config.ts";
import { redactText } from "../secrets/redact.ts";
import type { GitRemote } from "../state/observed.ts";
import { booleanSetting, isTrue, settingOf } from "./config.ts";

/**
 * Settings that decide what git makes of a file, and whether it sees that one has changed, in lower case.
 *
 * Not among them: what we set ourselves for every run of git, and what only changes how git shows or stores things.
 */
const DECIDING: readonly string[] = [
  "core.autocrlf",
  "core.checkstat",
  "core.eol",
  "core.filemode",
  "core.ignorecase",
  "core.precomposeunicode",
  "core.sparsecheckout",
  "core.sparsecheckoutcone",
  "core.symlinks",
  "core.trustctime",
];

/** What a configuration says that is recorded. */
export interface ObservedConfig {
  readonly remotes: readonly GitRemote[];
  /** Whether objects may be missing that a remote has promised. */
  readonly partial: boolean;
  /** Whether only a part of the files is checked out. */
  readonly sparse: boolean;
  /** The deciding settings that are set. */
  readonly config: Readonly<Record<string, string>>;
}

/** Takes out of a configuration what is recorded, without credentials. */
export function observeConfig(entries: readonly ConfigEntry[]): ObservedConfig {
  const set = DECIDING.flatMap((name) => {
    const value = settingOf(entries, name);
    return value === undefined ? [] : [[name, redactText(value)] as const];
  });
  return {
    remotes: remotesOf(entries).toSorted((a, b) => compareCodePoints(a.name, b.name)),
    partial: entries.some(promisesObjects),
    sparse: booleanSetting(entries, "core.sparsecheckout") ?? false,
    config: Object.fromEntries(set),
  };
}

function promisesObjects({ name, value }: ConfigEntry): boolean {
  if (name === "extensions.partialclone" || /^remote\..*\.partialclonefilter$/s.test(name)) return true;
  return /^remote\..*\.promisor$/s.test(name) && isTrue(value);
}
