import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const EXAMPLE = fileURLToPath(new URL(".", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

/** The commit's author and time are fixed, so that two preparations have the same commit. */
const COMMITTER = {
  GIT_AUTHOR_NAME: "Example",
  GIT_AUTHOR_EMAIL: "example@localhost",
  GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
  GIT_COMMITTER_NAME: "Example",
  GIT_COMMITTER_EMAIL: "example@localhost",
  GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

/**
 * Makes the example a project of its own, as its users have it: a git repository with the packages of this one
 * installed from tarballs, everything else from the registry, and the data kept out of git by its DVC pointer.
 *
 * @param {string} folder - An empty folder.
 * @param {(what: string) => void} say - Told what is being done.
 * @returns {string} Path of the project.
 */
export function prepare(folder, say) {
  const tarballs = join(folder, "tarballs");
  const project = join(folder, "credit-scoring");
  mkdirSync(tarballs);
  mkdirSync(project);
  say("packing the packages of this repository");
  const pnpm = ["--yes", "pnpm@12.21.0", "--recursive", "--filter", "./packages/*", "--filter", "!@repro/conformance"];
  execFileSync("npx", [...pnpm, "pack", "--pack-destination", tarballs], {
    cwd: REPOSITORY,
    stdio: ["ignore", "ignore", "inherit"],
  });

  for (const name of ["data", "features.mjs", "README.md", "train.mjs"])
    cpSync(join(EXAMPLE, name), join(project, name), { recursive: true });
  writeFileSync(join(project, "package.json"), manifest(tarballs, project));
  writeFileSync(join(project, ".gitignore"), "node_modules/\n/data/german-credit.csv\n");
  say("installing them, and tfjs from the registry");
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: project,
    stdio: ["ignore", "ignore", "inherit"],
  });

  const git = (...args) =>
    execFileSync("git", args, {
      cwd: project,
      env: { ...process.env, ...COMMITTER },
      stdio: ["ignore", "ignore", "inherit"],
    });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Credit scoring");
  return project;
}

/** The example's manifest with this repository's packages from their tarballs, those they stand on included. */
function manifest(tarballs, project) {
  const example = JSON.parse(readFileSync(join(EXAMPLE, "package.json"), "utf8"));
  const packed = readdirSync(tarballs).map((file) => {
    const [, name] = /^repro-(.+)-\d+\.\d+\.\d+.*\.tgz$/.exec(file);
    return [`@repro/${name}`, `file:${relative(project, join(tarballs, file))}`];
  });
  const dependencies = { ...example.dependencies, ...Object.fromEntries(packed) };
  return `${JSON.stringify({ ...example, dependencies }, null, 2)}\n`;
}
