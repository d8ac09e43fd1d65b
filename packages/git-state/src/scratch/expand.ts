import { itemText, joinNul, splitNul } from "../git/nul-list.ts";
import { copyFile } from "../host.ts";
import type { Base } from "./base.ts";
import { writeTree } from "./base.ts";
import type { Scratch } from "./scratch.ts";

/** A repository in a work tree that stands as a tree of its files, because they are not those of its commit. */
export interface Expansion {
  /** Path from the root of the work tree around it, without a slash at its end. */
  readonly path: Uint8Array;
  /** Id of the tree. */
  readonly tree: string;
}

/** An index of ours and the tree that it makes. */
export interface Expanded {
  readonly index: string;
  readonly tree: string;
}

/**
 * Puts trees in the place of repositories, in a copy of an index.
 *
 * @param base - The base of that index.
 */
export async function expandIndex(
  scratch: Scratch,
  base: Base,
  { index, tree }: Expanded,
  expansions: readonly Expansion[],
): Promise<Expanded> {
  if (expansions.length === 0) return { index, tree };
  const expanded = scratch.newPath("expanded-index");
  await copyFile(index, expanded);
  const store = scratch.readable;
  const nothing = `0 ${"0".repeat(tree.length)}\t`;
  const lines: (readonly (string | Uint8Array)[])[] = expansions.map(({ path }) => [nothing, path]);
  for (const expansion of expansions) {
    for (const entry of splitNul(await scratch.git(["ls-tree", "-r", "-z", expansion.tree], { store }))) {
      const tab = entry.indexOf(0x09);
      const [mode = "", , id = ""] = itemText(entry.subarray(0, tab)).split(" ");
      lines.push([`${mode} ${id}\t`, expansion.path, "/", entry.subarray(tab + 1)]);
    }
  }
  await scratch.git(["update-index", "-z", "--index-info"], { store, index: expanded, stdin: joinNul(lines) });
  return { index: expanded, tree: await writeTree(scratch, base, expanded, scratch.readable.objects) };
}

/** Lays out a base in which repositories stand as trees. */
export async function expandBase(scratch: Scratch, base: Base, expansions: readonly Expansion[]): Promise<Base> {
  return { ...base, ...(await expandIndex(scratch, base, base, expansions)) };
}
