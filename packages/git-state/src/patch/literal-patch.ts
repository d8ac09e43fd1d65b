import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { bytesOfPath, deflateBytes } from "../files.ts";
import { encodeBase85 } from "./base85.ts";
import { quotePath } from "./quoted-path.ts";

/** What is at a path on one side of a patch. */
export interface PatchSide {
  /** 0o100644, 0o100755, 0o120000 or 0o160000. */
  readonly mode: number;
  /** Object id in hexadecimal digits: of a repository, its commit. */
  readonly id: string;
  /** Reads the contents: a link's are its target. Not called for a repository. */
  readonly read: () => Promise<Uint8Array>;
}

/** A change of one path. */
export interface PatchChange {
  readonly path: BytePath;
  /** `null` when it is added. */
  readonly from: PatchSide | null;
  /** `null` when it is deleted. */
  readonly to: PatchSide | null;
}

/** How a patch is written. */
export interface LiteralPatchOptions {
  /** Longest patch in bytes. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a patch that holds whole contents, before and after, and so needs no comparison of lines: `git apply --index`
 * takes it, and `git apply --reverse --index` undoes it.
 *
 * @param changes - Each has at least one side, and differs between two; sorted by path, for the same bytes each time.
 * @returns Bytes that are the same for the same changes, as far as zlib's are.
 * @throws ReproError `GIT_PATCH_TOO_LARGE`; and as the changes' `read`.
 * @throws the signal's reason when it is aborted.
 * @remarks git-diff(1), "Generating patch text with -p", with `--binary --full-index`; the lines of a binary patch are
 *   zlib's bytes in base 85, 52 at most in a line, behind a letter for their number: A to Z for 1 to 26, then a to z.
 */
export async function encodeLiteralPatch(
  changes: Iterable<PatchChange>,
  options: LiteralPatchOptions,
): Promise<Uint8Array> {
  const { maxBytes, signal } = options;
  let patch = "";
  for (const change of [...changes].flatMap(withoutTypeChange)) {
    signal?.throwIfAborted();
    patch += headerOf(change) + (await bodyOf(change));
    if (patch.length > maxBytes) {
      throw patchTooLarge(maxBytes);
    }
  }
  return bytesOfPath(patch);
}

/** The error for more contents than a patch may hold. */
export function patchTooLarge(limitBytes: number): Error {
  return gitError(`captureGitPatch: the uncommitted changes make a patch of more than ${limitBytes} bytes`, {
    code: "GIT_PATCH_TOO_LARGE",
    remedy: "list large untracked files in .gitignore and record them as data, or commit the changes",
    data: { limitBytes },
  });
}

/** A file that becomes a link is deleted and added: git's patches know no other way. */
function withoutTypeChange(change: PatchChange): readonly PatchChange[] {
  const { path, from, to } = change;
  if (from === null || to === null || typeOf(from) === typeOf(to)) return [change];
  return [
    { path, from, to: null },
    { path, from: null, to },
  ];
}

const GITLINK_TYPE = 0o160000;

function typeOf({ mode }: PatchSide): number {
  return mode & 0o170000;
}

function headerOf({ path, from, to }: PatchChange): string {
  const lines = [`diff --git ${quotePath(`a/${path}`)} ${quotePath(`b/${path}`)}`];
  if (from === null && to !== null) lines.push(`new file mode ${octal(to)}`);
  if (to === null && from !== null) lines.push(`deleted file mode ${octal(from)}`);
  const isModeSame = from === null || to === null || from.mode === to.mode;
  if (from !== null && to !== null && !isModeSame) lines.push(`old mode ${octal(from)}`, `new mode ${octal(to)}`);
  if (from?.id !== to?.id) {
    const none = "0".repeat((from ?? to)?.id.length ?? 0);
    const mode = from !== null && to !== null && isModeSame ? ` ${octal(to)}` : "";
    lines.push(`index ${from?.id ?? none}..${to?.id ?? none}${mode}`);
  }
  return `${lines.join("\n")}\n`;
}

function octal({ mode }: PatchSide): string {
  return mode.toString(8).padStart(6, "0");
}

async function bodyOf(change: PatchChange): Promise<string> {
  const { from, to } = change;
  const side = to ?? from;
  if (side === null || from?.id === to?.id) return "";
  if (typeOf(side) === GITLINK_TYPE) return gitlinkBody(change);
  const before = (await from?.read()) ?? new Uint8Array();
  const after = (await to?.read()) ?? new Uint8Array();
  if (before.byteLength === 0 && after.byteLength === 0) return "";
  return `GIT binary patch\n${await literal(after)}${await literal(before)}`;
}

/** A repository's line of text. */
function gitlinkBody({ path, from, to }: PatchChange): string {
  const nameOf = (side: PatchSide | null, name: BytePath): string => (side === null ? "/dev/null" : quotePath(name));
  const countOf = (side: PatchSide | null): string => (side === null ? "0,0" : "1");
  const lineOf = (sign: string, side: PatchSide | null): string =>
    side === null ? "" : `${sign}Subproject commit ${side.id}\n`;
  return [
    `--- ${nameOf(from, `a/${path}`)}\n`,
    `+++ ${nameOf(to, `b/${path}`)}\n`,
    `@@ -${countOf(from)} +${countOf(to)} @@\n`,
    lineOf("-", from),
    lineOf("+", to),
  ].join("");
}

/** Bytes in a line, and the digits that they take. */
const LINE_BYTES = 52;
const LINE_DIGITS = 65;

async function literal(content: Uint8Array): Promise<string> {
  const compressed = await deflateBytes(content);
  const digits = encodeBase85(compressed);
  const lines = [`literal ${content.byteLength}\n`];
  for (let at = 0; at * LINE_BYTES < compressed.byteLength; at += 1) {
    const count = Math.min(LINE_BYTES, compressed.byteLength - at * LINE_BYTES);
    lines.push(`${lengthLetter(count)}${digits.slice(at * LINE_DIGITS, (at + 1) * LINE_DIGITS)}\n`);
  }
  return `${lines.join("")}\n`;
}

function lengthLetter(count: number): string {
  return String.fromCharCode(count <= 26 ? 0x40 + count : 0x60 + count - 26);
}
