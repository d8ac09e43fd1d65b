import { expect, test } from "vitest";

test("the runtime exports", async () => {
  expect(Object.keys(await import("../src/index.ts")).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    "DEFAULT_MAX_PATCH_BYTES",
    "assertCleanWorktree",
    "captureGitPatch",
    "captureGitState",
    "diffGitState",
    "gitLayer",
    "gitStateSchema",
    "parseGitState",
    "redactUrl",
    "restoreGitState",
    "tagRun",
  ]);
});
