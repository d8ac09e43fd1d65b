import type { ConfigEntry } from "../git/config.ts";
import type { BytePath, FileReader } from "../files.ts";
import type { Variables } from "../host.ts";
import { isTrue, pathSetting, readConfigFiles } from "../config/config.ts";
import { requireReadableFormat } from "../repository/format.ts";
import type { RepositoryPlace } from "../repository/location.ts";
import { locateRepository } from "../repository/location.ts";
import type { ObjectReader } from "../objects/objects.ts";
import { openObjects } from "../objects/objects.ts";
import type { Head } from "../repository/refs.ts";
import { readHead } from "../repository/refs.ts";

/** A work tree and its repository, opened for reading without the git program. */
export interface OpenedRepository {
  readonly files: FileReader;
  readonly env: Variables;
  readonly place: RepositoryPlace;
  readonly config: readonly ConfigEntry[];
  readonly head: Head;
  readonly objects: ObjectReader;
}

/**
 * Opens the repository around a folder.
 *
 * @throws ReproError `GIT_NOT_A_WORKTREE`, `GIT_UNREADABLE`, `GIT_UNSUPPORTED`.
 */
export async function openBuiltIn(files: FileReader, cwd: BytePath, env: Variables): Promise<OpenedRepository> {
  const place = locateRepository(files, { cwd, env });
  // The format says whether the rest can be read at all, and no file that is included for some branches can.
  requireReadableFormat(readConfigFiles(files, { place, env, branch: null }));
  const head = readHead(files, place);
  const config = readConfigFiles(files, { place, env, branch: head.branch });
  return {
    files,
    env,
    place,
    config,
    head,
    objects: await openObjects(files, place.commonDir),
  };
}

/** What names a file with rules outside of the work tree. */
export type OuterRule =
  | "core.attributesFile"
  | "core.excludesFile"
  | "info/attributes"
  | "info/exclude"
  | "system attributes";

/** Contents of those files; `null` where there is none. */
export type OuterRules = Readonly<Record<OuterRule, Uint8Array | null>>;

/** Reads the files with ignore rules and attributes outside of the work tree. */
export function readOuterRules({ files, place, config, env }: OpenedRepository): OuterRules {
  const { root, commonDir } = place;
  const read = (path: BytePath | null): Uint8Array | null => {
    try {
      return path === null ? null : files.read(path);
    } catch {
      return null; // git passes over a file of rules that it cannot read: it adds none
    }
  };
  return {
    "core.attributesFile": read(pathSetting(config, "core.attributesfile", { env, root, fallback: "attributes" })),
    "core.excludesFile": read(pathSetting(config, "core.excludesfile", { env, root, fallback: "ignore" })),
    "info/attributes": read(`${commonDir}/info/attributes`),
    "info/exclude": read(`${commonDir}/info/exclude`),
    "system attributes": isTrue(env["GIT_ATTR_NOSYSTEM"] ?? "false") ? null : read("/etc/gitattributes"),
  };
}
