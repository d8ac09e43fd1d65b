import type { BytePath } from "../files.ts";
import { pathOfText } from "../files.ts";
import type { Variables } from "../host.ts";
import { compilePattern } from "../rules/pattern.ts";
import type { ConfigValue } from "./syntax.ts";
import type { RepositoryPlace } from "../repository/location.ts";

/** What a condition is asked about. */
export interface ConditionOptions {
  readonly place: RepositoryPlace | null;
  readonly env: Variables;
  readonly branch: string | null;
  /** All values of the file that has the condition. */
  readonly values: readonly ConfigValue[];
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
  if (kind !== undefined) {
    return options.values.some(
      ({ name, value }) => /^remote\..*\.url$/s.test(name) && matches(pathOfText(pattern), value),
    );
  }
  return false; // an unknown condition never holds
}

function isGitDir(
  pattern: string,
  { place, env, from, ignoreCase }: ConditionOptions & { readonly ignoreCase: boolean },
): boolean {
  if (place === null) return false;
  const absolute = absolutePattern(withFolder(pathOfText(pattern)), env, from);
  return absolute !== null && compilePattern(absolute, { pathname: true, ignoreCase })(place.gitDir);
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
