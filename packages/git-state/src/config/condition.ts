import type { BytePath } from "../files.ts";
import { pathOfText } from "../files.ts";
import type { Variables } from "../host.ts";
import { compilePattern } from "../rules/pattern.ts";
import type { RepositoryPlace } from "../repository/location.ts";

/** What a condition is asked about. */
export interface ConditionOptions {
  readonly place: RepositoryPlace | null;
  readonly env: Variables;
  readonly branch: string | null;
  /** Addresses of remotes, in any file. */
  readonly remoteUrls: readonly string[];
  /** Path of that file. */
  readonly from: BytePath;
}

/**
 * Tells whether a file is included: the part of `includeIf.<condition>.path` that names when.
 *
 * @remarks git-config(1), "Conditional includes".
 */
export function isIncluded(condition: string, options: ConditionOptions): boolean {
  const { kind, pattern = "" } =
    /^(?<kind>gitdir|gitdir\/i|onbranch|hasconfig:remote\.\*\.url):(?<pattern>.*)$/s.exec(condition)?.groups ?? {};
  if (kind === "gitdir" || kind === "gitdir/i")
    return isGitDir(pattern, { ...options, ignoreCase: kind === "gitdir/i" });
  if (kind === "onbranch") return options.branch !== null && matches(withFolder(pathOfText(pattern)), options.branch);
  // An unknown condition never holds.
  return kind !== undefined && options.remoteUrls.some((url) => matches(pathOfText(pattern), url));
}

function isGitDir(
  pattern: string,
  { place, env, from, ignoreCase }: ConditionOptions & { readonly ignoreCase: boolean },
): boolean {
  if (place === null) return false;
  const absolute = absolutePattern(pathOfText(pattern), env, from);
  return absolute !== null && compilePattern(withFolder(absolute), { pathname: true, ignoreCase })(place.gitDir);
}

function absolutePattern(pattern: BytePath, env: Variables, from: BytePath): BytePath | null {
  if (pattern.startsWith("~/")) return env["HOME"] === undefined ? null : pathOfText(env["HOME"]) + pattern.slice(1);
  if (pattern.startsWith("./")) return from.slice(0, from.lastIndexOf("/")) + pattern.slice(1);
  return pattern.startsWith("/") ? pattern : `**/${pattern}`;
}

/** A pattern that ends with a slash means all that is below. */
function withFolder(pattern: BytePath): BytePath {
  return pattern.endsWith("/") ? `${pattern}**` : pattern;
}

function matches(pattern: BytePath, text: string): boolean {
  return compilePattern(pattern, { pathname: true, ignoreCase: false })(pathOfText(text));
}
