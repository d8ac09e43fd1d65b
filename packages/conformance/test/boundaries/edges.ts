/** What one package may import. A new package, and a new dependency, begin with a row here. */
export interface Edges {
  /** Packages of ours, by folder. */
  readonly ours: readonly string[];
  /** Packages of ours that only its tests import. */
  readonly oursInTests?: readonly string[];
  /** Packages of others that its users install with it; each has a line in `docs/design/dependencies.md`. */
  readonly theirs: readonly string[];
  /** Packages of others that its users choose to install: never needed for importing the package. */
  readonly peers?: readonly string[];
  /** Files that may import `node:*`, relative to `src`; `host.ts` alone when omitted. */
  readonly hosts?: readonly string[];
  /** Lines that its index may have; 30 when omitted. */
  readonly indexLines?: number;
}

const PRIMITIVES = ["data-hash", "deterministic-gpu", "env-lock", "git-state", "seed"];

export const EDGES: Readonly<Record<string, Edges>> = {
  core: { ours: [], theirs: ["@noble/hashes"] },
  seed: {
    ours: ["core"],
    theirs: ["@noble/hashes", "pure-rand", "zod"],
    peers: ["@babel/parser", "@tensorflow/tfjs"],
    hosts: ["host.ts", "loader/host.ts"],
    indexLines: 66, // a name for each distribution and split
  },
  "git-state": { ours: ["core"], theirs: ["isomorphic-git", "zod"], hosts: ["host.ts", "files.ts"] },
  "data-hash": { ours: ["core"], theirs: ["hash-wasm", "yaml", "zod"] },
  "env-lock": { ours: ["core"], theirs: ["yaml", "zod"] },
  "deterministic-gpu": {
    ours: ["core"],
    theirs: ["zod"],
    peers: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"],
  },
  // It knows a layer by the contract of core alone: a user's own layer composes as well as ours.
  "run-context": { ours: ["core"], oursInTests: PRIMITIVES, theirs: ["zod"] },
  cli: { ours: ["core", "run-context", ...PRIMITIVES], theirs: [], hosts: ["host.ts", "main.ts"] },
};
