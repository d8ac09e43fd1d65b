import { ReproError, canonicalText } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import { hexOfBytes } from "./hex.ts";

/**
 * The value that a key tree grows from, as it is recorded.
 *
 * @public
 */
export interface SeedValue {
  /** Kind of the value; values of different kinds are different seeds. */
  readonly type: "integer" | "text" | "bytes";
  /** Canonical decimal digits of an integer, the text itself, or the lower-case hexadecimal digits of bytes. */
  readonly value: string;
}

const INTEGER = /^(?:0|[1-9]\d*)$/;
/** Written as a number, or as one between spaces, but none that is a seed: whoever writes it does not mean a text. */
const OTHER_NUMBER = /^(?:\s*[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?\s*)$/;
/** Digits alone are a text where they are not canonical: 007. */
const DIGITS = /^\d+$/;
const HEX_PAIRS = /^(?:[0-9a-f]{2})+$/;
const SEED_REMEDY = "give a seed: REPRO_SEED=42, repro run --seed 42 … or seedLayer(42)";

/** The value of what a program passed as a seed. */
export function describeSeedInput(value: string | bigint | number | Uint8Array): SeedValue {
  if (typeof value === "string") {
    if (!isSeedText(value)) {
      throw new RangeError('createSeed: "value" must be a text that is not empty, without lone surrogates and U+0000');
    }
    return { type: "text", value };
  }
  if (typeof value === "bigint" || typeof value === "number") {
    if (value < 0 || !(typeof value === "bigint" || Number.isSafeInteger(value))) {
      throw new RangeError(`createSeed: "value" must be an unsigned safe integer, or a bigint from 0 on, got ${value}`);
    }
    return { type: "integer", value: String(value) };
  }
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(`createSeed: "value" must be a string, an integer or a Uint8Array, got ${typeof value}`);
  }
  if (value.length === 0) throw new RangeError('createSeed: "value" must not be empty');
  return { type: "bytes", value: hexOfBytes(value) };
}

/** Whether a recorded value is one that {@link describeSeedInput} can have made. */
export function isSeedValue({ type, value }: SeedValue): boolean {
  if (type === "integer") return INTEGER.test(value);
  return type === "bytes" ? HEX_PAIRS.test(value) : isSeedText(value);
}

const KINDS: Readonly<Record<SeedValue["type"], string>> = {
  integer: "unsigned integer",
  text: "text without U+0000 and lone surrogates",
  bytes: "bytes in pairs of lower-case hexadecimal digits",
};

/** The value that text from `REPRO_SEED` or `--seed` stands for. */
export function readSeedText(text: string): SeedValue {
  if (text === "") {
    throw new ReproError<SeedErrorCode>("parseSeed: the seed is empty", { code: "SEED_MISSING", remedy: SEED_REMEDY });
  }
  const value = interpret(text);
  if (isSeedValue(value)) return value;
  const got = canonicalText(`${text.slice(0, 100)}${text.length > 100 ? "…" : ""}`.replaceAll(/\p{Cs}/gu, "\ufffd"));
  throw new ReproError<SeedErrorCode>(`the seed ${got} is no ${KINDS[value.type]}`, {
    code: "SEED_INVALID",
    remedy:
      "write an unsigned integer, a text without U+0000 (text:-1 for the text -1), or bytes: and pairs of lower-case hexadecimal digits",
    data: { type: value.type },
  });
}

/** The text that {@link readSeedText} reads as this value: what goes into `REPRO_SEED`. */
export function writeSeedText(seed: SeedValue): string {
  if (seed.type === "bytes") return `bytes:${seed.value}`;
  const read = interpret(seed.value);
  return read.type === seed.type && read.value === seed.value ? seed.value : `text:${seed.value}`;
}

/** The error of whoever needs a seed and finds none. */
export function missingSeed(who: string): ReproError<SeedErrorCode> {
  return new ReproError(`${who}: no seed is given, and REPRO_SEED is not set`, {
    code: "SEED_MISSING",
    remedy: SEED_REMEDY,
  });
}

function interpret(text: string): SeedValue {
  if (INTEGER.test(text) || (OTHER_NUMBER.test(text) && !DIGITS.test(text))) return { type: "integer", value: text };
  if (text.startsWith("text:")) return { type: "text", value: text.slice("text:".length) };
  if (text.startsWith("bytes:")) return { type: "bytes", value: text.slice("bytes:".length) };
  return { type: "text", value: text };
}

/** U+0000 cannot be in an environment variable, a lone surrogate not in UTF-8. */
function isSeedText(text: string): boolean {
  return text !== "" && !text.includes("\0") && !/\p{Cs}/u.test(text);
}
