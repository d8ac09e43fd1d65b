import { hexOfBytes, pathOfBytes } from "../files.ts";
import type { TreeItem } from "./flatten.ts";

/**
 * Reads the bytes of a tree object.
 *
 * @param idLength - Bytes of an object id.
 * @returns Its lines, in their order; `null` when it is no tree.
 * @remarks git's "Tree objects": mode, blank, name, NUL, id.
 */
export function parseTree(bytes: Uint8Array, idLength: 20 | 32): readonly TreeItem[] | null {
  const items: TreeItem[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const nul = bytes.indexOf(0, at);
    const line = nul === -1 ? "" : pathOfBytes(bytes.subarray(at, nul));
    const { mode, name } = /^(?<mode>[0-7]{5,6}) (?<name>.+)$/s.exec(line)?.groups ?? {};
    const end = nul + 1 + idLength;
    if (mode === undefined || name === undefined || end > bytes.byteLength) return null;
    items.push({ mode: Number.parseInt(mode, 8), name, id: hexOfBytes(bytes, nul + 1, end) });
    at = end;
  }
  return items;
}
