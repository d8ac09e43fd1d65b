import type { JsonValue } from "@repro/core";
import { parseJson } from "@repro/core";

import { invalidLockfile } from "../error.ts";
import { membersOf } from "../packages/member.ts";
import type { YamlNode } from "./block-yaml.ts";
import { readBlockYaml } from "./block-yaml.ts";

/** One package of a pnpm lockfile. */
export interface PnpmLocked {
  /** `name@version`; `null` where the lockfile gives no version (a folder). */
  readonly identity: string | null;
  /** Subresource Integrity of its archive. */
  readonly integrity: string | null;
  /** Whether pnpm may leave it out. */
  readonly optional: boolean;
}

/** A dependency that a manifest of the workspace declares. */
export interface PnpmDependency {
  /** What it resolved to: a key of `packages`, or `link:` and a folder relative to the manifest's. */
  readonly target: string;
  /** List of the manifest that it is in. */
  readonly group: "dependencies" | "devDependencies" | "optionalDependencies";
}

/** What is read of a pnpm lockfile. */
export interface PnpmLock {
  /** Packages by `name@version` or `name@specifier`, as pnpm writes it. */
  readonly packages: ReadonlyMap<string, PnpmLocked>;
  /** Dependencies by name, of each manifest by its folder; `"."` is the install itself. */
  readonly importers: ReadonlyMap<string, ReadonlyMap<string, PnpmDependency>>;
}

/** Why a pnpm lockfile is not read. */
export interface UnreadLock {
  /** The reason, one line. */
  readonly unsupported: string;
}

const GROUPS = ["dependencies", "devDependencies", "optionalDependencies"] as const;

/**
 * Reads `pnpm-lock.yaml` or `node_modules/.pnpm/lock.yaml`, of version 9.
 *
 * @throws ReproError `ENV_LOCKFILE_INVALID` when it is not a lockfile.
 * @remarks https://github.com/pnpm/spec/blob/master/lockfile/9.0.md
 */
export async function parsePnpmLock(bytes: Uint8Array, path: string): Promise<PnpmLock | UnreadLock> {
  const lock = await readYaml(new TextDecoder().decode(bytes), path);
  const version = at(lock, "lockfileVersion");
  if (typeof version !== "string") throw invalidLockfile(path, '"lockfileVersion" must be a version');
  if (!version.startsWith("9."))
    return { unsupported: `lockfileVersion ${version} is not read; pnpm 9 and newer write 9.0` };
  const optional = optionalKeys(at(lock, "snapshots"));
  const packages = entries(at(lock, "packages")).map(
    ([key, entry]) => [key, lockedPackage(key, entry, optional)] as const,
  );
  const importers = entries(at(lock, "importers")).map(([folder, entry]) => [folder, dependenciesOf(entry)] as const);
  return { packages: new Map(packages), importers: new Map(importers) };
}

/** Reads YAML as text. The whole parser is loaded only for what the fast reader does not know. */
export async function readYaml(text: string, path: string): Promise<YamlNode> {
  if (text.startsWith("{")) return jsonNode(readJsonText(text, path)); // YAML holds JSON: `.modules.yaml` has been either
  const document = text.split(/^---\s*$/m).at(-1) ?? ""; // before the lockfile proper, pnpm may keep one for itself
  const fast = readBlockYaml(document);
  if (fast !== undefined) return fast;
  const { parse } = await import("yaml");
  try {
    return parse(document, { schema: "failsafe", mapAsMap: true, logLevel: "silent" }) as YamlNode;
  } catch (cause) {
    throw invalidLockfile(path, "it is not YAML", cause);
  }
}

function readJsonText(text: string, path: string): JsonValue {
  try {
    return parseJson(text, { what: path });
  } catch (cause) {
    throw invalidLockfile(path, "it is neither YAML nor JSON", cause);
  }
}

function jsonNode(value: JsonValue): YamlNode {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.map(jsonNode);
  return new Map(membersOf(value).map(([key, held]) => [key, jsonNode(held)]));
}

function lockedPackage(key: string, entry: YamlNode, optional: ReadonlySet<string>): PnpmLocked {
  const name = nameOfKey(key);
  const version = at(entry, "version") ?? key.slice(name.length + 1);
  return {
    identity: typeof version === "string" && /^\d/.test(version) ? `${name}@${version}` : null,
    integrity: textOrNull(at(at(entry, "resolution"), "integrity")),
    optional: optional.has(key),
  };
}

/** Packages that every snapshot calls optional. A snapshot is a package with its peers: `vite@8.3.8(yaml@2.9.1)`. */
function optionalKeys(snapshots: YamlNode | undefined): ReadonlySet<string> {
  const optional = new Set<string>();
  const needed = new Set<string>();
  for (const [key, snapshot] of entries(snapshots)) {
    (at(snapshot, "optional") === "true" ? optional : needed).add(withoutPeers(key));
  }
  return new Set([...optional].filter((key) => !needed.has(key)));
}

function dependenciesOf(importer: YamlNode): ReadonlyMap<string, PnpmDependency> {
  const found = GROUPS.flatMap((group) =>
    entries(at(importer, group)).flatMap(([name, entry]): [string, PnpmDependency][] => {
      const version = at(entry, "version");
      return typeof version === "string" ? [[name, { target: targetOf(name, version), group }]] : [];
    }),
  );
  return new Map(found);
}

/** pnpm writes the version alone, the specifier alone (`file:…`), or the whole key where the name is an alias. */
function targetOf(name: string, version: string): string {
  if (version.startsWith("link:")) return version;
  const reference = withoutPeers(version);
  return /^@?[^@:/]+(?:\/[^@:]+)?@/.test(reference) ? reference : `${name}@${reference}`;
}

/** Name of the package that a key of `packages` is for. */
export function nameOfKey(key: string): string {
  return /^@?[^@]+/.exec(key)?.[0] ?? key;
}

/** A snapshot's key without the peers in parentheses. */
export function withoutPeers(key: string): string {
  return key.replace(/\(.*$/s, "");
}

/** A member of a mapping; `undefined` of anything else. */
export function at(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return node instanceof Map ? (node as ReadonlyMap<string, YamlNode>).get(key) : undefined;
}

function entries(node: YamlNode | undefined): readonly (readonly [string, YamlNode])[] {
  if (!(node instanceof Map)) return [];
  return [...(node as ReadonlyMap<unknown, YamlNode>)].filter(
    (entry): entry is [string, YamlNode] => typeof entry[0] === "string",
  );
}

function textOrNull(node: YamlNode | undefined): string | null {
  return typeof node === "string" ? node : null;
}
