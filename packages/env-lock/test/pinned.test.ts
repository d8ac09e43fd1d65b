import { canonicalText, hashCanonical, withoutObserved } from "@repro/core";
import { expect, test } from "vitest";

import { captureEnv } from "../src/index.ts";
import { npmProject, pinnedHost, pnpmProject, writeFiles } from "./fixture.ts";

test("a recorded environment of npm changes only in a major", async () => {
  const root = npmProject();
  writeFiles(root, { "node_modules/c/package.json": { name: "c", version: "1.0.0" } });
  const state = await captureEnv(root, { host: pinnedHost(), env: { LANG: "C", NPM_TOKEN: "secret" } });
  expect(canonicalText(withoutObserved(state))).toBe(
    '{"cpu":{"features":["avx2","avx512f","fma"],"logicalCores":2,"model":"Pinned"},"installs":[{"drift":{"findings":[{"actual":"c@1.0.0","expected":null,"kind":"extra","location":"node_modules/c"}],"reason":null,"status":"checked"},"folders":["."],"links":{},"lockfile":"package-lock.json","manager":"npm","packages":{"node_modules/@s/b":{"integrity":"sha512-Yg==","name":"@s/b","version":"2.0.0"},"node_modules/a":{"integrity":"sha512-YQ==","name":"a","version":"1.0.0"},"node_modules/a/node_modules/@s/b":{"integrity":"sha512-Yg==","name":"@s/b","version":"1.5.0"},"node_modules/c":{"integrity":null,"name":"c","version":"1.0.0"}},"path":"."}],"lockfiles":[{"digest":"sha256:2716e05eeb139eb6cf19eb12051798f8197eed08ec59893543ba4b2b5fcec4fa","kind":"npm","path":"package-lock.json"}],"platform":{"arch":"x64","distribution":"debian 12","libc":{"name":"glibc","version":"2.36"},"os":"linux","timeZone":"Asia/Kathmandu"},"runtime":{"abi":"115","flags":["--conditions=test"],"icu":"78.2","name":"node","openssl":"3.0.19","tz":"2025c","v8":"11.3","version":"20.20.2"},"schema":"repro/env/v1","variables":{"LANG":"C"}}',
  );
});

test("a recorded environment of pnpm changes only in a major", async () => {
  const state = await captureEnv(pnpmProject({ workspace: true }), { host: pinnedHost(), env: {} });
  expect(hashCanonical(withoutObserved(state))).toBe(
    "sha256:68eec19f4d71855037e38a074387127fb3576289cae24993f0c7a24ec2eeb649",
  );
});
