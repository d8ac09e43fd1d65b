import { readSmallFile } from "../file.ts";
import { join, resolve } from "../host.ts";
import type { DataFs } from "../host.ts";

const MAX_CONFIG_BYTES = 1_048_576;

/** Folder of the cache, as the repository's own configuration has it; relative paths are relative to `.dvc`. */
export function readCacheFolder(fs: DataFs, dvcFolder: string): string {
  for (const name of ["config.local", "config"]) {
    const bytes = readSmallFile(fs, join(dvcFolder, name), MAX_CONFIG_BYTES);
    const folder = bytes === undefined ? undefined : cacheDirOf(new TextDecoder().decode(bytes));
    if (folder !== undefined) return resolve(dvcFolder, folder);
  }
  return join(dvcFolder, "cache");
}

/** Value of `dir` in the section `[cache]`; section and key in any case, the last one wins. */
function cacheDirOf(text: string): string | undefined {
  let section = "";
  let dir: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[\s*([^[\]]*?)\s*\]/.exec(line)?.[1]?.toLowerCase() ?? section;
    const value = /^\s*["']?dir["']?\s*=\s*(.*)$/i.exec(line)?.[1];
    if (section === "cache" && value !== undefined) dir = unquoted(value);
  }
  return dir;
}

/** A value without its quotes, or without the comment behind it. */
function unquoted(value: string): string {
  const quoted = /^(?:"([^"]*)"|'([^']*)')/.exec(value);
  return quoted?.[1] ?? quoted?.[2] ?? value.replace(/\s*#.*$/, "").trim();
}
