import type { BytePath } from "../files.ts";
import type { IndexFile } from "../repository/index-file.ts";
import { findEntry } from "../repository/index-entries.ts";
import { booleanSetting, settingOf } from "../config/config.ts";
import { createAttributeRules } from "../rules/attributes.ts";
import type { IgnoreRules } from "../rules/ignore.ts";
import { createIgnoreRules } from "../rules/ignore.ts";
import { hasLfsExtensions, isLfsFilter } from "../rules/lfs.ts";
import type { ScanConfig } from "../scan/options.ts";
import { createAttributeReader } from "../rules/attribute-reader.ts";
import type { ContentRules } from "./contents.ts";
import type { OpenedRepository, OuterRules } from "./repository.ts";
import { readOuterRules } from "./repository.ts";

/** What decides which files of a work tree count, whether they have changed, and what git stores of them. */
export interface WorktreeRules {
  readonly outer: OuterRules;
  readonly ignore: IgnoreRules;
  readonly scan: ScanConfig;
  readonly content: ContentRules;
  /** `core.precomposeUnicode`: git changes how the file system writes names; this engine takes them as they are. */
  readonly precomposes: boolean;
}

/** Reads the rules of a work tree. */
export async function openRules(repository: OpenedRepository, index: IndexFile): Promise<WorktreeRules> {
  const { files, place, config, objects } = repository;
  const outer = readOuterRules(repository);
  const ignoreCase = booleanSetting(config, "core.ignorecase") ?? false;
  // Where the work tree lacks the file, as a sparse one may, the index's counts. A link is not followed.
  const ofWorktree = async (path: BytePath): Promise<Uint8Array | null> => {
    const kind = files.stat(`${place.root}/${path}`)?.kind;
    if (kind !== undefined) return kind === "file" ? files.read(`${place.root}/${path}`) : null;
    const entry = findEntry(index, path);
    return entry === null || (entry.mode & FILE_TYPE) !== FILE ? null : objects.readBlob(entry.id);
  };
  const attributes = createAttributeRules({
    ignoreCase,
    system: outer["system attributes"],
    global: outer["core.attributesFile"],
    info: outer["info/attributes"],
    root: await ofWorktree(".gitattributes"),
  });
  return {
    outer,
    ignore: createIgnoreRules({
      ignoreCase,
      global: outer["core.excludesFile"],
      exclude: outer["info/exclude"],
      root: await ofWorktree(".gitignore"),
    }),
    scan: scanConfig(repository, ignoreCase),
    precomposes: booleanSetting(repository.config, "core.precomposeunicode") ?? false,
    content: {
      files,
      root: place.root,
      autocrlf: autocrlf(repository),
      attributesOf: createAttributeReader(attributes, ofWorktree),
      lfs: isLfsFilter(config) && !hasLfsExtensions(config),
      filters: filterNames(repository),
      readBlob: objects.readBlob,
    },
  };
}

const FILE_TYPE = 0o170000;
const FILE = 0o100000;

function scanConfig({ config }: OpenedRepository, ignoreCase: boolean): ScanConfig {
  return {
    fileMode: booleanSetting(config, "core.filemode") ?? true,
    symlinks: booleanSetting(config, "core.symlinks") ?? true,
    trustCtime: booleanSetting(config, "core.trustctime") ?? true,
    checkStat: settingOf(config, "core.checkstat")?.toLowerCase() === "minimal" ? "minimal" : "default",
    ignoreCase,
  };
}

function autocrlf({ config }: OpenedRepository): boolean | "input" {
  const value = settingOf(config, "core.autocrlf");
  return value?.toLowerCase() === "input" ? "input" : (booleanSetting(config, "core.autocrlf") ?? false);
}

const FILTER = /^filter\.(?<filter>.*)\.(?:clean|process)$/s;

function filterNames({ config }: OpenedRepository): ReadonlySet<string> {
  return new Set(
    config.flatMap(({ name, value }) => (value === "" ? [] : (FILTER.exec(name)?.groups?.["filter"] ?? []))),
  );
}
