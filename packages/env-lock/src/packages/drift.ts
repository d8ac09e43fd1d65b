import { compareCodePoints } from "@repro/core";

import type { DriftState, InstalledPackage, PackageDrift } from "../state.ts";
import type { Manifest } from "./node-modules.ts";

/** What was read of one install, before it is put in order. */
export interface InstallReading {
  /** As `InstallState.folders`. */
  readonly folders: Iterable<string>;
  /** As `InstallState.packages`; a text says why they are unknown. */
  readonly packages: ReadonlyMap<string, InstalledPackage> | string;
  /** As `InstallState.links`. */
  readonly links: ReadonlyMap<string, string | null>;
  /** As `InstallState.drift`. */
  readonly drift: DriftState;
}

/** Drift that was looked for. */
export function checkedDrift(findings: readonly PackageDrift[]): DriftState {
  return { status: "checked", reason: null, findings: inOrder(findings) };
}

/** Drift that could not be looked for. */
export function uncheckedDrift(reason: string, findings: readonly PackageDrift[] = []): DriftState {
  return { status: "unchecked", reason, findings: inOrder(findings) };
}

function inOrder(findings: readonly PackageDrift[]): readonly PackageDrift[] {
  return findings.toSorted((a, b) => compareCodePoints(a.location, b.location) || compareCodePoints(a.kind, b.kind));
}

/** `link:` and the folder it leads to, as drift names a link. Out of the install, only that it does is compared. */
export function linkIdentity(target: string | null): string {
  return target === null || target.startsWith("..") || target.startsWith("/") ? "link:.." : `link:${target}`;
}

/** `name@version`, as drift names a package. */
export function identityOf(manifest: Manifest): string {
  return `${manifest.name}@${manifest.version ?? "(no version)"}`;
}
