import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * A folder of the user's cache whose name is a digest of what it is made from: it is made once, and never changed.
 *
 * It is filled under another name and then renamed, so that it is complete or not there, whoever else makes it meanwhile.
 *
 * @param recipe - All that decides what the folder holds: locks, versions.
 * @param fill - Fills the empty folder that it is given.
 * @returns Its absolute path.
 */
export function storedFolder(kind: string, recipe: readonly string[], fill: (folder: string) => void): string {
  const store = process.env["REPRO_PEERS_CACHE"] ?? join(cacheHome(), "repro-peers");
  const digest = createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 16);
  const folder = join(store, `${kind}-${digest}`);
  if (existsSync(folder)) return folder;
  mkdirSync(store, { recursive: true });
  const draft = mkdtempSync(join(store, `.${kind}-`));
  try {
    fill(draft);
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // somebody else was first: what is there is the same
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  for (const old of readdirSync(store).filter((name) => name.startsWith(`${kind}-`) && name !== `${kind}-${digest}`)) {
    process.stdout.write(`${join(store, old)} was made from another lock, and may be removed\n`);
  }
  return folder;
}

function cacheHome(): string {
  return process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
}
