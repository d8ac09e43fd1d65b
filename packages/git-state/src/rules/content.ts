import type { ContentAttributes } from "./attributes.ts";

/** Configuration that counts for contents. `core.eol` does not: it says what is written to the work tree. */
export interface ContentConfig {
  /** `core.autocrlf`. */
  readonly autocrlf: boolean | "input";
}

/** What {@link cleanContent} needs to know of a file. */
export interface CleanContentOptions {
  readonly attributes: ContentAttributes;
  readonly config: ContentConfig;
  /**
   * Reads the blob that the index has at the path, or, in a conflict, at its stage 2 ("ours"); `null` when there is none.
   * Asked only where git guesses whether a file is text, and the file holds CR LF.
   */
  readonly inIndex: () => Promise<Uint8Array | null> | Uint8Array | null;
}

/** Contents as git stores them. */
export interface CleanContent {
  /** The bytes that were given, where nothing changes. */
  readonly bytes: Uint8Array;
  /** `"encoding"` where git would convert an encoding, which this does not: `bytes` are then as given. */
  readonly approximation: "encoding" | null;
}

/**
 * Tells whether git may store other bytes than a file has, for another reason than a filter.
 *
 * When not, {@link cleanContent} gives back the bytes it is given.
 */
export function needsContent(attributes: ContentAttributes, config: ContentConfig): boolean {
  return encodingOf(attributes) !== null || lineEndings(attributes, config) !== "kept" || attributes.ident === true;
}

/**
 * Gives what git stores of a file: `git add` without the file's filter, which comes before.
 *
 * Line endings are normalised to LF where attributes or configuration ask for it, and `$Id: …$` becomes `$Id$`.
 *
 * @param file - Contents of a file of the work tree, or what its filter made of them.
 * @throws Whatever `inIndex` throws.
 * @remarks gitattributes(5), "text", "eol", "ident", "working-tree-encoding", "Backwards compatibility with crlf
 *   attribute"; git-config(1), `core.autocrlf`. That `core.safecrlf` may refuse the file is left out.
 */
export async function cleanContent(file: Uint8Array, options: CleanContentOptions): Promise<CleanContent> {
  const { attributes } = options;
  if (encodingOf(attributes) !== null && file.length > 0) return { bytes: file, approximation: "encoding" };
  const bytes = (await normalises(file, options)) ? withoutCrBeforeLf(file) : file;
  return { bytes: attributes.ident === true ? withoutIds(bytes) : bytes, approximation: null };
}

function encodingOf({ "working-tree-encoding": encoding }: ContentAttributes): string | null {
  if (encoding === undefined || encoding === "") return null;
  // Git stops at an encoding that is set or unset but has no value.
  if (typeof encoding === "boolean") return "";
  return /^utf-?8$/i.test(encoding) ? null : encoding;
}

/** What becomes of CR LF: kept, or normalised, always or when git takes the file for text. */
type LineEndings = "kept" | "normalised" | "guessed";

function lineEndings({ text, crlf, eol }: ContentAttributes, { autocrlf }: ContentConfig): LineEndings {
  const asked = lineEndingsOf(text) ?? lineEndingsOf(crlf);
  if (asked !== null) return asked;
  if (eol === "lf" || eol === "crlf") return "normalised";
  return autocrlf === false ? "kept" : "guessed";
}

function lineEndingsOf(attribute: boolean | string | undefined): LineEndings | null {
  if (attribute === true || attribute === "input") return "normalised";
  if (attribute === "auto") return "guessed";
  return attribute === false ? "kept" : null;
}

async function normalises(file: Uint8Array, { attributes, config, inIndex }: CleanContentOptions): Promise<boolean> {
  const endings = lineEndings(attributes, config);
  if (endings === "kept" || !hasCrLf(file)) return false;
  if (endings === "normalised") return true;
  if (isBinary(file)) return false;
  const indexed = await inIndex();
  // What was committed with CR LF stays so.
  return indexed === null || !hasCrLf(indexed) || isBinary(indexed);
}

const [NUL, LF, CR, SUB, DEL, DOLLAR] = [0x00, 0x0a, 0x0d, 0x1a, 0x7f, 0x24] as const;
/** Backspace, tab, form feed, escape: git counts these control characters as text. */
const TEXT_CONTROLS: readonly number[] = [0x08, 0x09, 0x0c, 0x1b];

function hasCrLf(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(CR); at !== -1; at = bytes.indexOf(CR, at + 1)) if (bytes[at + 1] === LF) return true;
  return false;
}

/** Git's guess: a NUL, a CR without LF, or more than one byte in 128 that is not text. */
function isBinary(bytes: Uint8Array): boolean {
  let printable = 0;
  let unprintable = bytes.at(-1) === SUB ? -1 : 0; // the end-of-file mark of DOS
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === NUL || (byte === CR && bytes[at + 1] !== LF)) return true;
    if (byte === CR || byte === LF) continue;
    if (byte === DEL || (byte < 0x20 && !TEXT_CONTROLS.includes(byte))) unprintable += 1;
    else printable += 1;
  }
  return Math.floor(printable / 128) < unprintable;
}

function withoutCrBeforeLf(bytes: Uint8Array): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === CR && bytes[at + 1] === LF) continue;
    kept[length] = byte;
    length += 1;
  }
  return kept.subarray(0, length);
}

/** Takes from each `$Id: …$` what stands between, where no LF does. */
function withoutIds(bytes: Uint8Array): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let [length, from] = [0, 0];
  for (let dollar = bytes.indexOf(DOLLAR); dollar !== -1; dollar = bytes.indexOf(DOLLAR, dollar + 1)) {
    if (bytes[dollar + 1] !== 0x49 || bytes[dollar + 2] !== 0x64 || bytes[dollar + 3] !== 0x3a) continue;
    const end = bytes.indexOf(DOLLAR, dollar + 4);
    if (end === -1) break;
    if (bytes.subarray(dollar, end).includes(LF)) continue;
    kept.set(bytes.subarray(from, dollar + 3), length);
    length += dollar + 3 - from;
    [from, dollar] = [end, end];
  }
  if (from === 0) return bytes;
  kept.set(bytes.subarray(from), length);
  return kept.subarray(0, length + bytes.length - from);
}
