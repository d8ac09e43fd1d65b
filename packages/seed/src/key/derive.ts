import { sha256 } from "@noble/hashes/sha2.js";

import { bytesOfHex } from "./hex.ts";
import type { SeedPathElement } from "./path.ts";
import type { SeedValue } from "./value.ts";

type Hash = ReturnType<typeof sha256.create>;

const TAGS: Readonly<Record<SeedValue["type"], number>> = { integer: 0x69, text: 0x73, bytes: 0x62 }; // "i" "s" "b"

/** Hashes that have taken their prefix, and one to copy them into: a new one for each key would take most of the time. */
const ROOT: Hash = /* @__PURE__ */ startHash("repro.seed/v1\0root\0");
const CHILD: Hash = /* @__PURE__ */ startHash("repro.seed/v1\0child\0");
const WORK: Hash = /* @__PURE__ */ startHash("");

const KEY_BYTES = 32;
const HEADER_BYTES = 5;
/** Labels up to this many UTF-16 units are encoded into one array that is used again. */
const SHORT_LABEL = 128;
const SCRATCH = /* @__PURE__ */ new Uint8Array(KEY_BYTES + HEADER_BYTES + SHORT_LABEL);

/** SHA-256("repro.seed/v1\0root\0" ‖ enc(value)). */
export function rootKey(value: SeedValue): Uint8Array {
  const content = value.type === "bytes" ? bytesOfHex(value.value) : new TextEncoder().encode(value.value);
  const message = new Uint8Array(HEADER_BYTES + content.length);
  writeHeader(message, 0, TAGS[value.type], content.length);
  message.set(content, HEADER_BYTES);
  return hash(ROOT, message);
}

/** SHA-256("repro.seed/v1\0child\0" ‖ key ‖ enc(element)). */
export function childKey(key: Uint8Array, element: SeedPathElement): Uint8Array {
  const tag = typeof element === "number" ? TAGS.integer : TAGS.text;
  const text = String(element);
  const length = writeAscii(text);
  if (length === undefined) return longChildKey(key, tag, new TextEncoder().encode(text));
  SCRATCH.set(key);
  writeHeader(SCRATCH, KEY_BYTES, tag, length);
  return hash(CHILD, SCRATCH.subarray(0, KEY_BYTES + HEADER_BYTES + length));
}

function longChildKey(key: Uint8Array, tag: number, content: Uint8Array): Uint8Array {
  const message = new Uint8Array(KEY_BYTES + HEADER_BYTES + content.length);
  message.set(key);
  writeHeader(message, KEY_BYTES, tag, content.length);
  message.set(content, KEY_BYTES + HEADER_BYTES);
  return hash(CHILD, message);
}

/** Writes a short label of ASCII behind the header; `undefined` for any other. */
function writeAscii(text: string): number | undefined {
  if (text.length > SHORT_LABEL) return undefined;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return undefined;
    SCRATCH[KEY_BYTES + HEADER_BYTES + index] = unit;
  }
  return text.length;
}

/** enc: a tag byte, the length as 32 bits big-endian, and the content. */
function writeHeader(message: Uint8Array, at: number, tag: number, length: number): void {
  message.set([tag, length >>> 24, length >>> 16, length >>> 8, length], at);
}

function hash(prefix: Hash, message: Uint8Array): Uint8Array {
  return prefix._cloneInto(WORK).update(message).digest();
}

function startHash(prefix: string): Hash {
  return sha256.create().update(Uint8Array.from(prefix, (character) => character.charCodeAt(0)));
}
