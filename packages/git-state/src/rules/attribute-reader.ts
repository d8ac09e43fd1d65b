import type { BytePath } from "../files.ts";
import type { AttributeRules, ContentAttributes } from "./attributes.ts";

/** Gives the attributes of a path from the root of the work tree. */
export type AttributeReader = (path: BytePath) => Promise<ContentAttributes>;

/**
 * Finds the attributes of any path; the files that say them are read once, as they are needed.
 *
 * @param root - Rules for the files of the root.
 * @param read - Contents of the `.gitattributes` at a path, in the work tree or, where it is not there, in the index.
 */
export function createAttributeReader(
  root: AttributeRules,
  read: (path: BytePath) => Promise<Uint8Array | null>,
): AttributeReader {
  const known = new Map<BytePath, AttributeRules>([["", root]]);
  const rulesOf = async (folder: BytePath): Promise<AttributeRules> => {
    const found = known.get(folder);
    if (found !== undefined) return found;
    const { above, name } = splitPath(folder);
    const rules = (await rulesOf(above)).enter(name, await read(`${folder}/.gitattributes`));
    known.set(folder, rules);
    return rules;
  };
  return async (path) => {
    const { above, name } = splitPath(path);
    return (await rulesOf(above)).attributesOf(name);
  };
}

function splitPath(path: BytePath): { readonly above: BytePath; readonly name: BytePath } {
  const slash = path.lastIndexOf("/");
  return { above: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
}
