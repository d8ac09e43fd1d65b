import type { InstallState } from "../state.ts";

/** The command that installs exactly what the lockfile says; `undefined` where we know none. */
export function installCommand(manager: InstallState["manager"]): readonly string[] | undefined {
  if (manager === "npm") return ["npm", "ci"];
  if (manager === "pnpm") return ["pnpm", "install", "--frozen-lockfile"];
  return undefined;
}
