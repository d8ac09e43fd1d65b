import { ReproError } from "@repro/core";

import type { DataErrorCode } from "../error.ts";
import { attempt, readSmallFile } from "../file.ts";
import { dirname, join, relative, withSlashes } from "../host.ts";
import type { DataFs } from "../host.ts";

/** The file whose patterns leave paths out of a DVC folder. */
export const DVCIGNORE = ".dvcignore";

const MAX_DVCIGNORE_BYTES = 1_048_576;

/** One pattern of one `.dvcignore`. */
interface IgnoreRule {
  /** Matches paths relative to the DVC repository, with `/`. */
  readonly pattern: RegExp;
  /** Brings back what an earlier pattern left out. */
  readonly isNegated: boolean;
  /** Matches folders only. */
  readonly foldersOnly: boolean;
}

/** The patterns that apply in one folder, and where it lies in its DVC repository. */
export interface IgnoreRules {
  readonly rules: readonly IgnoreRule[];
  /** Path of the folder in the repository, with a final `/`; `""` is the repository itself. */
  readonly prefix: string;
}

/** Nearest folder at or above `start` that has a `.dvc` folder. */
export function findDvcRoot(fs: DataFs, start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const marker = join(folder, ".dvc");
    if (attempt(marker, () => fs.stat(marker))?.kind === "folder") return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * Reads what applies to a tree: the `.dvcignore` of each folder from the DVC repository down to the tree's parent.
 *
 * Outside of a DVC repository nothing applies, as for DVC.
 *
 * @throws ReproError `DATA_DVCIGNORE_UNSUPPORTED` for a pattern that is not understood exactly.
 */
export function readIgnoreRules(fs: DataFs, tree: string): IgnoreRules {
  const root = findDvcRoot(fs, dirname(tree));
  if (root === undefined) return { rules: [], prefix: "" };
  const inside = withSlashes(relative(root, tree));
  const names = inside.split("/").slice(0, -1);
  const rules: IgnoreRule[] = [];
  let prefix = "";
  for (const name of ["", ...names]) {
    if (name !== "") prefix += `${name}/`;
    const path = join(root, prefix, DVCIGNORE);
    const bytes = readSmallFile(fs, path, MAX_DVCIGNORE_BYTES);
    if (bytes !== undefined) rules.push(...parseRules(new TextDecoder().decode(bytes), prefix, path));
  }
  return { rules, prefix: inside === "" ? "" : `${inside}/` };
}

/** Tells whether the last pattern that matches leaves a path of the tree out. */
export function isIgnored({ rules, prefix }: IgnoreRules, path: string, isFolder: boolean): boolean {
  const last = rules.findLast((rule) => (isFolder || !rule.foldersOnly) && rule.pattern.test(prefix + path));
  return last !== undefined && !last.isNegated;
}

/**
 * Reads the patterns of one file. DVC strips each line, so that white space at its ends never belongs to a pattern.
 *
 * @param prefix - The file's folder in the repository, with a final `/`.
 */
function parseRules(text: string, prefix: string, path: string): readonly IgnoreRule[] {
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => parseRule(line, prefix, path));
}

function parseRule(line: string, prefix: string, path: string): IgnoreRule {
  const isNegated = line.startsWith("!");
  const text = isNegated ? line.slice(1) : line;
  const foldersOnly = text.endsWith("/");
  const body = foldersOnly ? text.slice(0, -1) : text;
  const segments = (body.startsWith("/") ? body.slice(1) : body).split("/");
  if (!segments.every(isUnderstood) || segments.every((segment) => segment === "**")) throw unsupported(line, path);
  // Only a pattern without a slash before its end matches at every depth.
  const depth = body.includes("/") ? "" : "(?:.*/)?";
  return { pattern: new RegExp(`^${literal(prefix)}${depth}${pathPattern(segments)}$`, "s"), isNegated, foldersOnly };
}

/** Escapes and character classes, on which git and DVC's pathspec differ in places, are refused rather than guessed. */
function isUnderstood(segment: string): boolean {
  return segment === "**" || (segment !== "" && !segment.includes("**") && !/[\\[\]]/.test(segment));
}

function pathPattern(segments: readonly string[]): string {
  const last = segments.length - 1;
  const parts = segments.map((segment, index) => {
    if (segment === "**") return index === last ? ".+" : "(?:.*/)?";
    return segmentPattern(segment) + (index === last ? "" : "/");
  });
  return parts.join("");
}

function segmentPattern(segment: string): string {
  return literal(segment).replaceAll("\\*", "[^/]*").replaceAll("\\?", "[^/]");
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function unsupported(pattern: string, path: string): ReproError<DataErrorCode> {
  return new ReproError(`"${path}" has a pattern that is not understood exactly: ${pattern}`, {
    code: "DATA_DVCIGNORE_UNSUPPORTED",
    remedy: "write the pattern without backslash, [] and with ** only as a whole path component",
    data: { path, pattern },
  });
}
