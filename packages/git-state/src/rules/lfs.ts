import { isDigest } from "@repro/core";
import type { Digest } from "@repro/core";

import { pathOfBytes } from "../files.ts";
import type { ConfigEntry } from "../git/config.ts";

/** What git-lfs keeps in the repository in place of a file's contents. */
export interface LfsPointer {
  /** SHA-256 of the contents. */
  readonly digest: Digest;
  /** Length of the contents in bytes. A pointer may claim more than 2^53: then this is not exact, nor a safe integer. */
  readonly sizeBytes: number;
}

/** Longest file in bytes that git-lfs looks into for a pointer: a longer one is contents, whatever it begins with. */
export const MAX_LFS_POINTER_BYTES = 1023;

/**
 * Writes the pointer to some contents, byte for byte as git-lfs does.
 *
 * @remarks git-lfs, docs/spec.md, "The Pointer". Empty contents have no pointer: git-lfs leaves the file empty.
 */
export function encodeLfsPointer({ digest, sizeBytes }: LfsPointer): Uint8Array {
  return new TextEncoder().encode(`version https://git-lfs.github.com/spec/v1\noid ${digest}\nsize ${sizeBytes}\n`);
}

/** Names of version 1: as published, and those of the releases before. */
const VERSIONS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "https://git-lfs.github.com/spec/v1",
  "https://hawser.github.com/spec/v1",
  "http://git-media.io/v/2",
]);

const KEYS = ["version", "oid", "size"] as const;

/**
 * Reads a file as git-lfs does before it decides between a pointer, which it leaves as it is, and contents.
 *
 * It takes more for a pointer than it writes: white space around it, empty lines, CRLF, old names of the version, lines
 * of extensions anywhere before the size, and a size with a sign or zeros before it.
 *
 * @returns `null` when git-lfs would take the bytes for contents.
 * @remarks git-lfs, docs/spec.md; what it does not say is as git-lfs 3.3.0 behaves, see test/peers/lfs.test.ts.
 */
export function parseLfsPointer(bytes: Uint8Array): LfsPointer | null {
  if (bytes.byteLength > MAX_LFS_POINTER_BYTES) return null;
  const values: string[] = [];
  const extensions = new Map<string, string>();
  for (const line of linesOf(bytes)) {
    const cut = line.indexOf(" ");
    const key = line.slice(0, Math.max(cut, 0));
    if (values.length === KEYS.length) return null;
    if (key === KEYS[values.length]) values.push(line.slice(cut + 1));
    else if (/^ext-\d-\w/.test(key)) extensions.set(key, line.slice(cut + 1));
    else return null;
  }
  const [version = "", digest = "", size = ""] = values;
  if (!VERSIONS.has(version) || !isDigest(digest) || !isSize(size)) return null;
  if (![...extensions.values()].every((value) => isDigest(value))) return null;
  const priorities = new Set([...extensions.keys()].map((key) => key.charAt("ext-".length)));
  return priorities.size === extensions.size ? { digest, sizeBytes: Math.abs(Number(size)) } : null;
}

/** Unicode's white space, as bytes of UTF-8. */
const SPACE = /(?:[\t-\r ]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)+/
  .source;
const AROUND: RegExp = /* @__PURE__ */ new RegExp(`^${SPACE}|${SPACE}$`, "g");

function linesOf(bytes: Uint8Array): readonly string[] {
  const lines = pathOfBytes(bytes).replace(AROUND, "").split("\n");
  return lines.map((line) => line.replace(/\r$/, "")).filter((line) => line !== "");
}

const LARGEST_SIZE = 2n ** 63n - 1n;

function isSize(text: string): boolean {
  return /^(?:\+?\d+|-0+)$/.test(text) && BigInt(text.replace(/^[+-]/, "")) <= LARGEST_SIZE;
}

/** A call of git-lfs as `git lfs install` writes it, now or in earlier releases, and nothing beside it. */
const LFS_COMMAND =
  /^(?:"[^"$`\\]*\/git-lfs(?:\.exe)?"|(?:[\w./:+-]*\/)?git-lfs(?:\.exe)?|(?:[\w./:+-]*\/)?git(?:\.exe)? +lfs) +(?:clean|smudge|filter-process)(?: +(?:--skip|-s|--|"?%f"?))*$/;

/** Tells whether a filter's command is git-lfs itself. */
export function isLfsCommand(command: string): boolean {
  return LFS_COMMAND.test(command.trim());
}

/**
 * Tells whether the filter `lfs` is git-lfs, so that files under it stand in the repository as pointers.
 *
 * A value in the repository's own configuration counts where it calls git-lfs or is empty, which switches the filter
 * off; any other command of a repository is not run, and says nothing.
 *
 * @remarks gitattributes(5), "filter": `process` goes before `clean`, even when it is empty.
 */
export function isLfsFilter(config: readonly ConfigEntry[]): boolean {
  const valueOf = (name: string): string | undefined =>
    config.findLast((entry) => entry.name === name && mayDecide(entry))?.value;
  return isLfsCommand(valueOf("filter.lfs.process") ?? valueOf("filter.lfs.clean") ?? "");
}

function mayDecide({ scope, value }: ConfigEntry): boolean {
  return (scope !== "local" && scope !== "worktree") || value === "" || isLfsCommand(value);
}

/** Tells whether git-lfs would first hand a file to other commands, which change what its pointer says. */
export function hasLfsExtensions(config: readonly ConfigEntry[]): boolean {
  return config.some(({ name }) => name.startsWith("lfs.extension."));
}
