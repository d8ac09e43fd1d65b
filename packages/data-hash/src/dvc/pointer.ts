import { ReproError } from "@repro/core";
import { isScalar, parseDocument, stringify, visit } from "yaml";
import type { YAMLMap } from "yaml";
import * as z from "zod";

import type { DataErrorCode } from "../error.ts";
import type { TreeHash } from "../tree/tree.ts";

/**
 * One file or folder that a `.dvc` file points to.
 *
 * @public
 */
export interface DvcOutput {
  /** Where the data is: relative to the folder of the `.dvc` file (and its `wdir`), with `/`. */
  readonly path: string;
  /** DVC's id: 32 lower-case hexadecimal digits, and `.dir` for a folder; `null` where none is recorded. */
  readonly md5: string | null;
  /** What `md5` hashes: the bytes, or, in files that DVC 2 wrote, the bytes with CRLF turned to LF in text. */
  readonly hash: "md5" | "md5-dos2unix";
  /** Length in bytes, of a folder the sum; `null` where it is not recorded. */
  readonly sizeBytes: number | null;
  /** Number of files in a folder; `null` for a file. */
  readonly files: number | null;
  /** Whether `dvc checkout` makes the file executable. */
  readonly isExecutable: boolean;
}

/**
 * What a `.dvc` file says, as far as data can be verified by it.
 *
 * @public
 */
export interface DvcFile {
  /** Folder that output paths are relative to, seen from the folder of the `.dvc` file; `"."` where it is not recorded. */
  readonly wdir: string;
  /** Whether `dvc repro` leaves it alone, as it does with imports. */
  readonly isFrozen: boolean;
  /** Whether the data was imported: the file records where from. */
  readonly isImport: boolean;
  /** The data, in the file's order. */
  readonly outs: readonly DvcOutput[];
}

/** Longest `.dvc` file that is read, in bytes: a thousand times the usual length. */
export const MAX_POINTER_BYTES = 262_144;

const DVC_ID = /^[0-9a-f]{32}(\.dir)?$/;

// Every scalar is read as the text that it is, so that an unquoted id of digits alone keeps all of them.
const text = /* @__PURE__ */ z.string();
const flag = /* @__PURE__ */ z.enum(["true", "false"]);
const count = /* @__PURE__ */ z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const id = /* @__PURE__ */ z
  .string()
  .toLowerCase()
  .regex(/^(?:[0-9a-f]{32}(?:\.dir)?)?$/, "must be 32 hexadecimal digits, and .dir for a folder");

const checksums = { etag: text, checksum: text, version_id: text };
const versioned = /* @__PURE__ */ z.strictObject(checksums).partial();
const filesSchema = /* @__PURE__ */ z.array(
  z.strictObject({
    relpath: text,
    ...z.object({ md5: id, size: count, isexec: flag, ...checksums, cloud: z.record(text, versioned) }).partial().shape,
  }),
);
const entry = /* @__PURE__ */ z
  .object({ md5: id, ...checksums, size: count, nfiles: count, isexec: flag, hash: z.literal("md5") })
  .extend({ fs_config: z.unknown(), cloud: z.record(text, versioned), files: filesSchema })
  .partial().shape;
const outSchema = /* @__PURE__ */ z.strictObject({
  path: text.min(1),
  ...entry,
  ...z
    .object({ desc: text, type: text, labels: z.array(text), meta: z.unknown(), remote: text })
    .extend({ cache: flag, metric: z.unknown(), plot: z.unknown(), persist: flag, push: flag })
    .partial().shape,
});
const depSchema = /* @__PURE__ */ z.strictObject({
  ...entry,
  ...z.object({ path: text, repo: z.unknown(), db: z.unknown() }).partial().shape,
});
const fileSchema = /* @__PURE__ */ z
  .strictObject({
    md5: text,
    wdir: text,
    frozen: flag,
    locked: flag,
    deps: z.array(depSchema),
    outs: z.array(outSchema),
  })
  .extend({ meta: z.unknown(), always_changed: flag, desc: text })
  .partial();

/**
 * Reads the text of a `.dvc` file, as DVC 3, 2 and 1 write it.
 *
 * Strict, as DVC: unknown keys are refused. Beyond DVC, so are anchors, aliases, tags, and more than 262,144 bytes.
 *
 * @throws ReproError `DATA_POINTER_INVALID`; `data.path` is the JSON pointer to what is wrong, `""` for the whole text.
 * @example
 * ```ts
 * parseDvcFile("outs:\n- md5: acbd18db4cc2f85cedef654fccc4a4d8\n  size: 3\n  hash: md5\n  path: foo\n").outs[0]?.sizeBytes; // => 3
 * ```
 * @public
 */
export function parseDvcFile(text: string): DvcFile {
  const result = fileSchema.safeParse(readYaml(text));
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = (issue?.path ?? []).map((key) => `/${String(key)}`).join("");
    throw invalid(path, issue?.message ?? "it is refused");
  }
  const file = result.data;
  return Object.freeze({
    wdir: file.wdir ?? ".",
    isFrozen: (file.frozen ?? file.locked) === "true",
    isImport: file.deps !== undefined && file.deps.length > 0,
    outs: Object.freeze((file.outs ?? []).map(outputFrom)),
  });
}

function readYaml(text: string): unknown {
  if (new TextEncoder().encode(text).length > MAX_POINTER_BYTES)
    throw invalid("", `it is over ${MAX_POINTER_BYTES} bytes`);
  try {
    // The library's own look for duplicate keys takes a minute for a hostile file.
    const document = parseDocument(text, {
      schema: "failsafe",
      stringKeys: true,
      uniqueKeys: false,
      logLevel: "error",
    });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    visit(document, { Map: (_, map) => requireUniqueKeys(map) });
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    // Also what deep nesting does to the stack ends here.
    throw invalid("", cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "it is no YAML", cause);
  }
}

function requireUniqueKeys(map: YAMLMap): void {
  const names = map.items.map(({ key }) => (isScalar(key) ? String(key.value) : ""));
  if (new Set(names).size < names.length) throw new Error("a key occurs twice in a mapping");
}

function outputFrom(out: z.infer<typeof outSchema>): DvcOutput {
  return Object.freeze({
    path: out.path,
    md5: out.md5 === undefined || out.md5 === "" ? null : out.md5,
    hash: out.hash ?? "md5-dos2unix",
    sizeBytes: out.size ?? null,
    files: out.nfiles ?? null,
    isExecutable: out.isexec === "true",
  });
}

function invalid(path: string, problem: string, cause?: unknown): ReproError<DataErrorCode> {
  return new ReproError(`parseDvcFile: the text is not valid at "${path === "" ? "/" : path}": ${problem}`, {
    code: "DATA_POINTER_INVALID",
    remedy: "bring the .dvc file back with git, or write it anew with: dvc add",
    data: { path, problem },
    cause,
  });
}

/**
 * Says of hashed data what DVC 3 says of it.
 *
 * @param path - Where the data is, relative to the folder of the `.dvc` file, with `/`.
 * @param hash - What `hashTree` returned, with `md5` among its algorithms.
 * @returns An output that is not executable; spread it to change that.
 * @public
 */
export function createDvcOutput(path: string, hash: TreeHash<readonly ["md5"]>): DvcOutput {
  const isTree = hash.kind === "tree";
  return Object.freeze({
    path,
    md5: dvcIdOf(hash.kind, hash.digests.md5),
    hash: "md5",
    sizeBytes: hash.sizeBytes,
    files: isTree ? hash.files : null,
    isExecutable: false,
  });
}

/**
 * The name that DVC gives to data: the hexadecimal digits of its MD5, and `.dir` for a folder.
 *
 * @example
 * ```ts
 * dvcIdOf("tree", "md5:d751713988987e9331980363e24189ce"); // => "d751713988987e9331980363e24189ce.dir"
 * ```
 * @public
 */
export function dvcIdOf(kind: "file" | "tree", md5: `md5:${string}`): string {
  return md5.slice("md5:".length) + (kind === "tree" ? ".dir" : "");
}

/**
 * Writes the `.dvc` file that a fresh `dvc add` of one path writes.
 *
 * The bytes are DVC's wherever the path needs no quotes and is shorter than 70 characters; other paths are quoted such that
 * every reader of YAML 1.2 reads them the same.
 *
 * @returns UTF-8 bytes, with a final line feed. The file belongs beside the data, as `<name>.dvc`.
 * @throws RangeError when `md5` is not an id of DVC, or when `path` is empty.
 * @public
 */
export function encodeDvcFile(output: DvcOutput): Uint8Array {
  const { path, md5, hash, sizeBytes, files, isExecutable } = output;
  if (md5 === null || !DVC_ID.test(md5)) throw new RangeError(`encodeDvcFile: "md5" must be an id of DVC, got ${md5}`);
  if (path === "") throw new RangeError('encodeDvcFile: "path" must not be empty');
  const out = {
    md5,
    ...(sizeBytes === null ? {} : { size: sizeBytes }),
    ...(files === null ? {} : { nfiles: files }),
    ...(isExecutable ? { isexec: true } : {}),
    ...(hash === "md5" ? { hash } : {}),
    path,
  };
  const yaml = stringify({ outs: [out] }, { indentSeq: false, lineWidth: 0, singleQuote: true, blockQuote: false });
  return new TextEncoder().encode(yaml);
}
