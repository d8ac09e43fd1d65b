import type { JsonValue } from "@repro/core";
import { isReproError, parseJson } from "@repro/core";

import { invalidLockfile } from "../error.ts";
import { linkIdentity } from "../packages/drift.ts";
import { member, membersOf, textMember } from "../packages/member.ts";
import { nameAt } from "../packages/node-modules.ts";

/** What an npm lockfile says about one folder in `node_modules`. */
export interface NpmLocked {
  /** `name@version`; `link:folder` for a link; `null` where the lockfile gives no version. */
  readonly identity: string | null;
  /** Subresource Integrity of what is unpacked there. */
  readonly integrity: string | null;
  /** Whether npm may leave it out: it is optional, on this platform or another. */
  readonly optional: boolean;
  /** Whether it is there for development only (`"dev"`), or for peers only (`"peer"`): npm leaves out either as a whole. */
  readonly group: "dev" | "peer" | null;
}

/** An npm lockfile: `packages` by folder, or why it is not read. */
export type NpmLock = { readonly packages: ReadonlyMap<string, NpmLocked> } | { readonly unsupported: string };

/**
 * Reads `package-lock.json`, `npm-shrinkwrap.json` or npm's hidden lockfile, of versions 2 and 3.
 *
 * @throws ReproError `ENV_LOCKFILE_INVALID` when it is not a lockfile.
 * @remarks https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 */
export function parseNpmLock(bytes: Uint8Array, path: string): NpmLock {
  const lock = parseText(bytes, path);
  const version = member(lock, "lockfileVersion");
  if (version !== 2 && version !== 3) {
    if (typeof version !== "number") throw invalidLockfile(path, '"lockfileVersion" must be a number');
    return { unsupported: `lockfileVersion ${version} is not read; npm 7 and newer write 3` };
  }
  const packages = member(lock, "packages");
  if (typeof packages !== "object" || packages === null || Array.isArray(packages)) {
    throw invalidLockfile(path, '"packages" must be an object');
  }
  const locked = membersOf(packages).filter(([location]) => nameAt(location) !== undefined);
  return { packages: new Map(locked.map(([location, entry]) => [location, lockedPackage(location, entry)])) };
}

function parseText(bytes: Uint8Array, path: string): JsonValue {
  try {
    return parseJson(new TextDecoder().decode(bytes), { what: path });
  } catch (cause) {
    if (!isReproError(cause)) throw cause;
    throw invalidLockfile(path, cause.code, cause);
  }
}

function lockedPackage(location: string, entry: JsonValue): NpmLocked {
  const flag = (name: string): boolean => member(entry, name) === true;
  return {
    identity: identityOf(location, entry),
    integrity: textMember(entry, "integrity") ?? null,
    optional: flag("optional") || flag("devOptional"),
    group: flag("dev") ? "dev" : flag("peer") ? "peer" : null,
  };
}

function identityOf(location: string, entry: JsonValue): string | null {
  if (member(entry, "link") === true) return linkIdentity(textMember(entry, "resolved") ?? "");
  const version = textMember(entry, "version");
  const name = textMember(entry, "name") ?? nameAt(location); // "name" is there for aliases only
  return version === undefined ? null : `${name}@${version}`;
}
