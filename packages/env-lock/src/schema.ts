import type { Digest } from "@repro/core";
import { isDigest, parseState } from "@repro/core";
import * as z from "zod";

import { readsLikeSecret } from "./machine/variables.ts";
import type { EnvState, InstallState, LockfileState, UnknownFact } from "./state.ts";
import { LOCKFILE_KINDS } from "./state.ts";

/**
 * The layout of an {@link EnvState}, for whoever validates records with zod. Members that it does not name are refused.
 *
 * @public
 */
export const envStateSchema: z.ZodType<EnvState> = /* @__PURE__ */ createSchema();

/**
 * Checks a recorded environment.
 *
 * @returns The same value, frozen.
 * @throws ReproError `LAYER_STATE_INVALID`; `data.issues` lists `path` (JSON pointer) and `message` of each fault.
 * @public
 */
export function parseEnvState(value: unknown): EnvState {
  return deepFreeze(parseState(envStateSchema, value, { what: "an env-lock record" }));
}

/** Freezes a plain value and all that it holds. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const held of Object.values(value)) deepFreeze(held);
  return Object.freeze(value);
}

function createSchema(): z.ZodType<EnvState> {
  const text = z.string();
  const unknown = z.strictObject({ status: z.literal("unknown"), reason: text });
  const version = text.nullable();
  return z.strictObject({
    schema: z.literal("repro/env/v1"),
    runtime: z.strictObject({
      name: z.literal("node"),
      version: text,
      v8: version,
      openssl: version,
      icu: version,
      tz: version,
      abi: version,
      flags: z.array(text),
    }),
    platform: z.strictObject({
      os: text,
      arch: text,
      distribution: text.nullable(),
      libc: z.union([z.strictObject({ name: text, version: text }), unknown]).nullable(),
      timeZone: z.union([text, unknown]),
    }),
    cpu: z.strictObject({
      model: z.union([text, unknown]),
      features: z.union([z.array(text), unknown]),
      logicalCores: z.int().positive(),
    }),
    variables: z.record(
      text.refine((name) => !readsLikeSecret(name), "must not name a secret"),
      text,
    ),
    lockfiles: z.array(lockfileSchema()),
    installs: z.array(installSchema(unknown)),
    observed: z
      .strictObject({
        capturedAt: text,
        hostName: text,
        kernel: text,
        execPath: text,
        memoryBytes: z.int().nonnegative(),
      })
      .exactOptional(),
  });
}

function lockfileSchema(): z.ZodType<LockfileState> {
  return z.strictObject({
    path: relativePath(),
    kind: z.enum(LOCKFILE_KINDS),
    digest: z.custom<Digest>((value) => isDigest(value), "must be sha256: and 64 hexadecimal digits"),
  });
}

function installSchema(unknown: z.ZodType<UnknownFact>): z.ZodType<InstallState> {
  const text = z.string();
  const orNull = text.nullable();
  const finding = z.strictObject({
    kind: z.enum(["missing", "extra", "version", "integrity"]),
    location: text,
    expected: orNull,
    actual: orNull,
  });
  return z.strictObject({
    path: relativePath(),
    manager: z.enum(["npm", "pnpm", "yarn", "bun"]).nullable(),
    lockfile: relativePath().nullable(),
    folders: z.array(relativePath()),
    packages: z.union([
      z.record(relativePath(), z.strictObject({ name: text, version: orNull, integrity: orNull })),
      unknown,
    ]),
    links: z.record(relativePath(), orNull),
    drift: z.strictObject({ status: z.enum(["checked", "unchecked"]), reason: orNull, findings: z.array(finding) }),
  });
}

/** A path that stays inside what it is relative to: a restore makes folders and links from these. */
function relativePath(): z.ZodType<string> {
  return z.string().regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+$/s, "must be a path inside the root");
}
