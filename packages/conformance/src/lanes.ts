import type { ViteUserConfig } from "vitest/config";

/** A lane of tests: every test file is in exactly one. */
export type Lane = "tests" | "peers" | "portability";

/** Files of the lanes that need more than a fresh clone has: programs, interpreters, Python packages. */
const PEERS = "packages/*/test/peers/**/*.test.ts";
const PORTABILITY = "packages/*/test/portability/**/*.test.ts";

const INCLUDED: Readonly<Record<Lane, string>> = {
  tests: "packages/*/test/**/*.test.ts",
  peers: PEERS,
  portability: PORTABILITY,
};

/** Tests run from source: the `@repro/source` condition comes first wherever a package of ours is imported. */
const conditions = ["@repro/source", "node", "import", "module", "default"];

/**
 * What vitest is told for a lane.
 *
 * @param root - Absolute path of the repository.
 */
export function laneConfig(lane: Lane, root: string): ViteUserConfig {
  const limitMs = lane === "tests" ? 60_000 : 600_000; // a battery of another's program takes its time
  return {
    root,
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      include: [INCLUDED[lane]],
      exclude: ["**/node_modules/**", ...(lane === "tests" ? [PEERS, PORTABILITY] : [])],
      setupFiles: ["./packages/conformance/src/property-seed.ts"],
      testTimeout: limitMs,
      hookTimeout: limitMs,
      reporters: ["default", "./packages/conformance/src/count-reporter.ts"],
      coverage: {
        provider: "v8",
        include: ["packages/*/src/**/*.ts"],
        exclude: ["packages/conformance/**"],
        reporter: ["text-summary"],
      },
    },
  };
}
