import { defineConfig } from "vitest/config";

/** Tests run from source: the `@repro/source` condition comes first wherever a package of ours is imported. */
const conditions = ["@repro/source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    setupFiles: ["./packages/conformance/src/property-seed.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./packages/conformance/src/count-reporter.ts"],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["packages/conformance/**"],
      reporter: ["text-summary"],
    },
  },
});
