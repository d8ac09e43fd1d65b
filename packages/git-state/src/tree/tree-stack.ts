import type { BytePath } from "../files.ts";

/**
 * The bytes of tree objects that are being written: each inside the one before, of which more is written when the inner
 * one is done. They share one buffer, because a large tree has many lines.
 */
export interface TreeStack {
  /** Begins a tree. */
  readonly open: () => void;
  /** Writes a line of the innermost tree. */
  readonly add: (mode: number, name: BytePath, id: string) => void;
  /** Ends the innermost tree and hands out its bytes, which are good until the next call. */
  readonly close: () => Uint8Array;
}

/** Makes a stack without trees. */
export function createTreeStack(): TreeStack {
  const starts: number[] = [];
  let bytes = new Uint8Array(65_536);
  let end = 0;
  return {
    open: () => {
      starts.push(end);
    },
    add: (mode, name, id) => {
      const text = `${mode.toString(8)} ${name}\0`;
      const needed = end + text.length + id.length / 2;
      if (needed > bytes.byteLength) bytes = enlarged(bytes, 2 * needed);
      for (let at = 0; at < text.length; at += 1) bytes[end + at] = text.charCodeAt(at);
      for (let at = 0, to = end + text.length; at < id.length; at += 2, to += 1) {
        bytes[to] = 16 * digitOf(id.charCodeAt(at)) + digitOf(id.charCodeAt(at + 1));
      }
      end = needed;
    },
    close: () => {
      const start = starts.pop() ?? 0;
      const tree = bytes.subarray(start, end);
      end = start;
      return tree;
    },
  };
}

function enlarged(bytes: Uint8Array, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(sizeBytes);
  larger.set(bytes);
  return larger;
}

/** Value of a hexadecimal digit, by its code. */
function digitOf(code: number): number {
  return code < 0x40 ? code - 0x30 : code - 0x57;
}
