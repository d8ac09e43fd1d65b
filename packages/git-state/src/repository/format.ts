import { gitError } from "../error.ts";
import type { ConfigEntry } from "../git/config.ts";
import { settingOf } from "../config/config.ts";

/** Extensions that change nothing for a reader of the formats that are read here. */
const HARMLESS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "noop",
  "noop-v1",
  "partialclone",
  "preciousobjects",
  "relativeworktrees",
  "worktreeconfig",
]);

/**
 * Refuses a repository whose files are not in the formats that are read here.
 *
 * @throws ReproError `GIT_UNSUPPORTED`; `data: { format }`.
 * @remarks git's "repository-version": extensions count from version 1 on.
 */
export function requireReadableFormat(config: readonly ConfigEntry[]): void {
  const local = config.filter(({ scope }) => scope === "local");
  const version = settingOf(local, "core.repositoryformatversion") ?? "0";
  if (!/^0*[01]$/.test(version)) throw unsupported(`core.repositoryFormatVersion ${version}`);
  for (const { name, value } of local) {
    const extension = /^extensions\.(?<extension>.*)$/s.exec(name)?.groups?.["extension"];
    if (extension === undefined || HARMLESS.has(extension)) continue;
    if (extension === "objectformat" && value.toLowerCase() === "sha1") continue;
    if (extension === "refstorage" && value.toLowerCase() === "files") continue;
    // Git itself reads these two in version 0 as well.
    const known = extension === "objectformat" || extension === "refstorage";
    if (known || Number(version) > 0) throw unsupported(`extensions.${extension} ${known ? value : ""}`.trimEnd());
  }
}

function unsupported(setting: string): Error {
  // What is no plain word may be anything, a password too.
  const format = /^[\w.]+ ?\w*$/.test(setting) ? setting : `an unknown ${setting.split(" ", 1)[0] ?? ""}`;
  return gitError(`captureGitState: a repository with ${format} can be read only by the git program`, {
    code: "GIT_UNSUPPORTED",
    remedy: "install git, a version that knows this format; `git status` says whether it does",
    data: { format },
  });
}
