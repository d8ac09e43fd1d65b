import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { describe, expect, test } from "vitest";

import { apiReportPath, entryPoints, publishedPackages, reportedEntryPoints } from "../src/workspace.ts";
import type { WorkspacePackage } from "../src/workspace.ts";
import { EDGES } from "./boundaries/edges.ts";
import type { Edges } from "./boundaries/edges.ts";
import { codeLines, hasDefaultExport, importsOf, parseModule, unwantedInIndex } from "./boundaries/module.ts";
import { faultOf, placeOf, sourceFiles } from "./boundaries/source.ts";

const MAX_INDEX_LINES = 30;
const MAX_FILES_IN_FOLDER = 10;
/** Names that say what kind of code a file has instead of which concept it owns. */
const NAMELESS = /^(?:utils?|helpers?|commons?|types?|misc|shared|constants)\.ts$/;
const EXACT_VERSION = /^\d+\.\d+\.\d+$/;

const packages = publishedPackages();

test("the table of allowed edges has a row for every package, and no other", () => {
  expect(packages.map(({ folder }) => folder)).toEqual(Object.keys(EDGES).toSorted());
});

test("the table of allowed edges has no circle", () => {
  const reach = (folder: string, seen: readonly string[]): void => {
    expect(seen).not.toContain(folder);
    for (const next of EDGES[folder]?.ours ?? []) reach(next, [...seen, folder]);
  };
  for (const folder of Object.keys(EDGES)) reach(folder, []);
});

describe.each(packages)("$folder, sources", (pkg) => {
  const edges = edgesOf(pkg);
  const files = sourceFiles(pkg);

  test("import only what the table allows, by its public name", () => {
    const faults = files.flatMap((file) =>
      importsOf(parseModule(file)).flatMap((found) => {
        const fault = faultOf(pkg, edges, file, found);
        return fault === undefined ? [] : `${placeOf(pkg, file)}:${found.line}: ${fault}`;
      }),
    );
    expect(faults).toEqual([]);
  });

  test("have no default export", () => {
    expect(files.filter((file) => hasDefaultExport(parseModule(file))).map((file) => placeOf(pkg, file))).toEqual([]);
  });

  test("are TypeScript files named by a concept", () => {
    const nameless = files.filter((file) => NAMELESS.test(basename(file)) || !/^[a-z0-9-]+\.ts$/.test(basename(file)));
    expect(nameless.map((file) => placeOf(pkg, file))).toEqual([]);
  });

  test(`are at most ${MAX_FILES_IN_FOLDER} in a folder`, () => {
    const counts = new Map<string, number>();
    for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    const crowded = [...counts].filter(([, count]) => count > MAX_FILES_IN_FOLDER);
    expect(crowded.map(([folder, count]) => `${placeOf(pkg, folder)}/: ${count} files`)).toEqual([]);
  });
});

test.each(packages.filter(isImported))(
  "$folder has an index of named re-exports, types apart, that is short",
  (pkg) => {
    const index = parseModule(join(pkg.path, "src/index.ts"));
    expect(unwantedInIndex(index)).toEqual([]);
    expect(codeLines(index)).toBeLessThanOrEqual(edgesOf(pkg).indexLines ?? MAX_INDEX_LINES);
  },
);

describe.each(packages)("$folder, package.json", (pkg) => {
  const edges = edgesOf(pkg);
  const { manifest, path } = pkg;
  const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const tests = Object.entries(manifest.devDependencies ?? {});

  test("depends on what the table allows", () => {
    const allowed = [...edges.ours.map((folder) => `@repro/${folder}`), ...edges.theirs];
    expect(Object.keys(dependencies).filter((name) => !allowed.includes(name))).toEqual([]);
    const ours = tests.filter(([name]) => name.startsWith("@repro/")).map(([name]) => name.slice("@repro/".length));
    expect(ours.filter((folder) => !(edges.oursInTests ?? []).includes(folder))).toEqual([]);
  });

  test("names as peers only what the table allows, each optional", () => {
    const peers = Object.keys(manifest.peerDependencies ?? {});
    expect(peers.filter((name) => !(edges.peers ?? []).includes(name))).toEqual([]);
    expect(peers.filter((name) => manifest.peerDependenciesMeta?.[name]?.optional !== true)).toEqual([]);
  });

  test("pins every dependency of others, and takes ours from the workspace", () => {
    const loose = [...Object.entries(dependencies), ...tests].filter(([name, version]) =>
      name.startsWith("@repro/") ? version !== "workspace:^" : !EXACT_VERSION.test(version),
    );
    expect(loose).toEqual([]);
  });

  test("says what the package is, and for which node", () => {
    expect(manifest).toMatchObject({ name: `@repro/${pkg.folder}`, license: "MIT", type: "module" });
    expect(manifest.description).toMatch(/\S.{20,}\.$/);
    expect(manifest.engines).toEqual({ node: ">=20.19" });
  });

  test("publishes what was compiled, its sources, and nothing else", () => {
    expect(manifest.files).toEqual(["dist", "src", "!dist/.tsbuildinfo"]);
    expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
    for (const name of ["README.md", "LICENSE"]) expect(existsSync(join(path, name)), `${name} exists`).toBe(true);
  });

  test("exports sources, declarations and modules in the order in which they are looked up", () => {
    const { "./package.json": itself, ...modules } = manifest.exports ?? {};
    expect(itself).toBe("./package.json");
    expect(isImported(pkg) || manifest.bin !== undefined, "it can be imported, or is a command").toBe(true);
    for (const [subpath, target] of Object.entries(modules)) {
      const stem = subpath === "." ? "index" : subpath.slice(2);
      expect(subpath, "no subpath is internal").not.toMatch(/internal/);
      expect(JSON.stringify(target)).toBe(
        JSON.stringify({
          "@repro/source": `./src/${stem}.ts`,
          types: `./dist/${stem}.d.ts`,
          default: `./dist/${stem}.js`,
        }),
      );
    }
    for (const { source, subpath } of entryPoints(pkg)) expect(existsSync(source), `${subpath} exists`).toBe(true);
  });

  test("declares no side effect but those of its register module", () => {
    const registers = Object.hasOwn(manifest.exports ?? {}, "./register");
    expect(manifest.sideEffects).toEqual(registers ? ["./dist/register.js", "./src/register.ts"] : false);
  });

  test("runs nothing on the machine that installs it", () => {
    const lifecycle = ["preinstall", "install", "postinstall", "prepare", "prepublish"];
    expect(lifecycle.filter((name) => manifest.scripts?.[name] !== undefined)).toEqual([]);
  });

  test("has its surface written down", () => {
    const missing = reportedEntryPoints(pkg).filter((entry) => !existsSync(apiReportPath(pkg, entry)));
    expect(missing.map(({ label }) => `${label}: run "npm run api"`)).toEqual([]);
  });
});

test("every dependency that users install has its line in docs/design/dependencies.md", () => {
  const lines = readFileSync(new URL("../../../docs/design/dependencies.md", import.meta.url), "utf8").split("\n");
  const named = lines.flatMap((line) => /^- `([^`]+)`/.exec(line)?.[1] ?? []);
  const installed = packages.flatMap(({ manifest }) =>
    Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
  );
  expect(named.toSorted()).toEqual([...new Set(installed.filter((name) => !name.startsWith("@repro/")))].toSorted());
});

/** A command that exports nothing has no index. */
function isImported({ manifest }: WorkspacePackage): boolean {
  return Object.hasOwn(manifest.exports ?? {}, ".");
}

function edgesOf({ folder }: WorkspacePackage): Edges {
  return EDGES[folder] ?? { ours: [], theirs: [] };
}
