import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Fixture } from "./fixture.ts";

/** Every command that a repository can name and that reading, comparing or checking out files could run. */
export function arm({ git, write }: Fixture, command: string): void {
  const gitDir = git("rev-parse", "--absolute-git-dir");
  const settings = {
    "core.fsmonitor": command,
    "core.hooksPath": join(gitDir, "traps"),
    "core.pager": command,
    "core.editor": command,
    "core.sshCommand": command,
    "core.alternateRefsCommand": command,
    "diff.external": command,
    "diff.trap.command": command,
    "diff.trap.textconv": command,
    "filter.trap.clean": command,
    "filter.trap.smudge": command,
    "filter.two.process": command,
    "filter.a=b.clean": command,
    "merge.trap.driver": command,
    "alias.status": `!${command}`,
    "pager.status": command,
    "credential.helper": command,
  };
  for (const [name, value] of Object.entries(settings)) git("config", name, value);
  write(".gitattributes", "*.txt filter=trap diff=trap merge=trap\n*.bin filter=two\n*.sh filter=a=b\n");
  for (const folder of ["traps", "hooks"]) {
    mkdirSync(join(gitDir, folder), { recursive: true });
    for (const hook of ["post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"]) {
      copyFileSync(command, join(gitDir, folder, hook));
      chmodSync(join(gitDir, folder, hook), 0o755);
    }
  }
}
