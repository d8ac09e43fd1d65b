import { expect, test } from "vitest";

import { determinismVariables } from "../src/index.ts";

const ALL = {
  CUBLAS_WORKSPACE_CONFIG: ":4096:8",
  NVIDIA_TF32_OVERRIDE: "0",
  TF_CUDNN_DETERMINISTIC: "1",
  TF_CUDNN_USE_AUTOTUNE: "0",
  TF_DETERMINISTIC_OPS: "1",
  TF_ENABLE_ONEDNN_OPTS: "0",
};

test("an empty environment needs all of them; changes only in a major", () => {
  expect(determinismVariables({})).toEqual(ALL);
});

test("an environment that has them needs none", () => {
  expect(determinismVariables(ALL)).toEqual({});
});

test("what the user set is left alone, be it empty", () => {
  const { CUBLAS_WORKSPACE_CONFIG: _, ...others } = ALL;
  expect(determinismVariables({ CUBLAS_WORKSPACE_CONFIG: "" })).toEqual(others);
});
