import type { BytePath, FileKind, FolderEntry } from "../files.ts";

/** What a folder of the work tree holds. */
export interface Listing {
  /** Files, links and folders by name, without what git cannot keep and without `.git`. */
  readonly kinds: ReadonlyMap<BytePath, FileKind>;
  /** Whether it holds a `.git`. */
  readonly hasGit: boolean;
  /** Finds a name that differs in nothing but the case of ASCII letters. */
  readonly otherSpelling: (name: BytePath) => BytePath | undefined;
}

/** Sorts out what a folder lists. */
export function createListing(
  entries: readonly FolderEntry[],
  { ignoreCase }: { readonly ignoreCase: boolean },
): Listing {
  const kinds = new Map<BytePath, FileKind>();
  let hasGit = false;
  let spellings: ReadonlyMap<BytePath, BytePath> | undefined;
  for (const { name, kind } of entries) {
    if (name === ".git" || (ignoreCase && lowered(name) === ".git")) hasGit = true;
    else if (kind !== "other") kinds.set(name, kind);
  }
  return {
    kinds,
    hasGit,
    otherSpelling: (name) => {
      spellings ??= new Map([...kinds.keys()].map((one) => [lowered(one), one]));
      return spellings.get(lowered(name));
    },
  };
}

function lowered(name: BytePath): BytePath {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
