import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { hashHex, inflateBytes, pathOfBytes, textOfPath } from "../files.ts";
import type { TreeEntry } from "../tree/tree.ts";
import { sortEntries } from "../tree/tree.ts";
import { decodeBase85 } from "./base85.ts";
import { unquotePath } from "./quoted-path.ts";

/**
 * Applies a patch of whole contents to the entries of a tree, as `git apply --index` would.
 *
 * Ids are computed from the contents that the patch holds. They must be the ones that it names, and the entries those
 * that it starts from.
 *
 * @param patch - What `encodeLiteralPatch` wrote; no other of git's patches is understood.
 * @returns The entries that come out, sorted by path.
 * @throws ReproError `GIT_PATCH_UNVERIFIED` when it does not apply, or is damaged.
 */
export async function applyLiteralPatch(base: Iterable<TreeEntry>, patch: Uint8Array): Promise<readonly TreeEntry[]> {
  const entries = new Map<BytePath, TreeEntry>();
  for (const entry of base) entries.set(entry.path, entry);
  const text = pathOfBytes(patch);
  for (const section of text === "" ? [] : text.split(/^(?=diff --git )/m)) {
    const { path, from, to, ids, body } = parseSection(section);
    const current = entries.get(path);
    if (current?.mode !== from || (current !== undefined && ids !== null && current.id !== ids.before)) {
      throw unverified("does not start from this tree", { path });
    }
    if (ids !== null) await verifyBody(body, { ids, mode: to ?? from ?? 0 });
    else if (body !== "" || from === undefined || to === undefined) throw unverified("is damaged", { path });
    const id = ids?.after ?? current?.id ?? "";
    if (to === undefined) entries.delete(path);
    else entries.set(path, { path, mode: to, id });
  }
  return sortEntries(entries.values());
}

/** Ids that a section names; zeros where there is nothing. */
interface SectionIds {
  readonly before: string;
  readonly after: string;
}

/** What a patch says of one path. */
interface Section {
  readonly path: BytePath;
  /** Mode before; nothing when it is added. */
  readonly from: number | undefined;
  /** Mode after; nothing when it is deleted. */
  readonly to: number | undefined;
  /** Nothing when only the mode changes. */
  readonly ids: SectionIds | null;
  readonly body: string;
}

const HEADER =
  /^diff --git (?<names>.+)\n(?:new file mode (?<added>\d{6})\n|deleted file mode (?<deleted>\d{6})\n|old mode (?<old>\d{6})\nnew mode (?<changed>\d{6})\n)?(?:index (?<before>[0-9a-f]+)\.\.(?<after>[0-9a-f]+)(?: (?<kept>\d{6}))?\n)?/;

function parseSection(section: string): Section {
  const header = HEADER.exec(section);
  const { names = "", added, deleted, old, changed, before, after, kept } = header?.groups ?? {};
  const path = parseNames(names);
  if (header === null || path === null) throw unverified("is damaged");
  return {
    path,
    from: parseMode(deleted ?? old ?? kept),
    to: parseMode(added ?? changed ?? kept),
    ids: before === undefined || after === undefined ? null : { before, after },
    body: section.slice(header[0].length),
  };
}

function parseMode(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** The path of a section, which stands there twice: after `a/` and after `b/`. */
function parseNames(names: string): BytePath | null {
  const middle = (names.length - 1) / 2;
  const [one, other] = [unquotePath(names.slice(0, middle)), unquotePath(names.slice(middle + 1))];
  const isPair = names.charAt(middle) === " " && one?.startsWith("a/") === true && other === `b/${one.slice(2)}`;
  return isPair ? one.slice(2) : null;
}

const GITLINK = 0o160000;

async function verifyBody(
  body: string,
  { ids, mode }: { readonly ids: SectionIds; readonly mode: number },
): Promise<void> {
  if (mode === GITLINK) {
    verifyGitlink(body, ids);
    return;
  }
  const hunks = body === "" ? ["literal 0", "literal 0", ""] : body.split("\n\n");
  const [after, before, end] = [hunks[0]?.replace(/^GIT binary patch\n/, ""), hunks[1], hunks[2]];
  if (after === undefined || before === undefined || end !== "" || hunks.length !== 3) throw unverified("is damaged");
  await verifyContent(after, ids.after);
  await verifyContent(before, ids.before);
}

function verifyGitlink(body: string, { before, after }: SectionIds): void {
  const lines =
    /^--- .+\n\+\+\+ .+\n@@ .+ @@\n(?:-Subproject commit (?<old>.+)\n)?(?:\+Subproject commit (?<new>.+)\n)?$/;
  const ids = lines.exec(body)?.groups;
  if (ids === undefined || (ids["old"] ?? ABSENT) !== orAbsent(before) || (ids["new"] ?? ABSENT) !== orAbsent(after)) {
    throw unverified("is damaged");
  }
}

const ABSENT = "";

function orAbsent(id: string): string {
  return /^0+$/.test(id) ? ABSENT : id;
}

/** Checks that a hunk holds the contents of an id. */
async function verifyContent(hunk: string, id: string): Promise<void> {
  const content = await decodeHunk(hunk);
  const algorithm = id.length === 40 ? "sha1" : "sha256";
  const isRight =
    orAbsent(id) === ABSENT
      ? content.byteLength === 0
      : hashHex(algorithm, `blob ${content.byteLength}\0`, content) === id;
  if (!isRight) throw unverified("does not hold the contents that it names", { id });
}

async function decodeHunk(hunk: string): Promise<Uint8Array> {
  const [first = "", ...lines] = hunk.split("\n");
  const size = /^literal (?<size>\d+)$/.exec(first)?.groups?.["size"];
  if (size === undefined) throw unverified("is damaged");
  if (size === "0") return new Uint8Array();
  const parts = lines.map((line) => decodeBase85(line.slice(1), lineBytes(line)));
  const compressed = new Uint8Array(parts.reduce((sum, part) => sum + (part?.byteLength ?? 0), 0));
  let end = 0;
  for (const part of parts) {
    if (part === null) throw unverified("is damaged");
    compressed.set(part, end);
    end += part.byteLength;
  }
  try {
    const content = await inflateBytes(compressed, Number(size));
    if (content.byteLength === Number(size)) return content;
  } catch (cause) {
    throw unverified("is damaged", {}, cause);
  }
  throw unverified("is damaged");
}

/** How many bytes a line stands for, by its first letter. */
function lineBytes(line: string): number {
  const code = line.charCodeAt(0);
  return code >= 0x61 ? code - 0x60 + 26 : code - 0x40;
}

function unverified(what: string, { path, id }: { path?: BytePath; id?: string } = {}, cause?: unknown): Error {
  return gitError(`captureGitPatch: the patch ${what}`, {
    code: "GIT_PATCH_UNVERIFIED",
    remedy: "commit the changes (`git commit`), and report the case",
    data: { ...(path === undefined ? {} : { path: textOfPath(path) }), ...(id === undefined ? {} : { id }) },
    cause,
  });
}
